using OpenShell.Driver.Kit.Hosting;
using OpenShell.Driver.Vm.Commands;
using OpenShell.Driver.Vm.Configuration;

return await DriverProgram.RunAsync(DriverOptions.ProgramName, DriverCommand.Create(), args);
