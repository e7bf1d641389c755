namespace Grpc.Core;

public partial class ServerServiceDefinition
{
    /// <summary>Collects the methods of a <see cref="ServerServiceDefinition"/>.</summary>
    public class Builder
    {
        private readonly HashSet<string> _fullNames = [];
        private readonly List<Action<ServiceBinderBase>> _addMethods = [];

        /// <summary>An empty builder.</summary>
        public Builder()
        {
        }

        /// <summary>Adds a unary method.</summary>
        /// <exception cref="ArgumentException">A method of that name is there already.</exception>
        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            UnaryServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class
        {
            return Add(method, binder => binder.AddMethod(method, handler));
        }

        /// <summary>Adds a client streaming method.</summary>
        /// <exception cref="ArgumentException">A method of that name is there already.</exception>
        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            ClientStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class
        {
            return Add(method, binder => binder.AddMethod(method, handler));
        }

        /// <summary>Adds a server streaming method.</summary>
        /// <exception cref="ArgumentException">A method of that name is there already.</exception>
        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            ServerStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class
        {
            return Add(method, binder => binder.AddMethod(method, handler));
        }

        /// <summary>Adds a duplex streaming method.</summary>
        /// <exception cref="ArgumentException">A method of that name is there already.</exception>
        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            DuplexStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class
        {
            return Add(method, binder => binder.AddMethod(method, handler));
        }

        /// <summary>The definition of the methods added so far.</summary>
        public ServerServiceDefinition Build() => new([.. _addMethods]);

        private Builder Add(IMethod method, Action<ServiceBinderBase> addMethod)
        {
            ArgumentNullException.ThrowIfNull(method);
            if (!_fullNames.Add(method.FullName))
            {
                throw new ArgumentException($"The service already has a method '{method.FullName}'.", nameof(method));
            }

            _addMethods.Add(addMethod);
            return this;
        }
    }
}
