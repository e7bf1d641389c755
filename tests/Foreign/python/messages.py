"""The messages of the protos without generated code: their descriptors, made into classes."""
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def load(descriptors):
    """A function from a message's full name to its class, by a file with a FileDescriptorSet in order of dependency."""
    with open(descriptors, "rb") as file:
        described = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    pool = descriptor_pool.DescriptorPool()
    for file in described.file:
        pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return lambda name: factory.GetPrototype(pool.FindMessageTypeByName(name))
