using OpenShell.Supervisor.Native;
using OpenShell.Supervisor.Polling;
using OpenShell.Supervisor.Processes;
using OpenShell.Supervisor.Users;

var reaper = new Reaper();
var loop = new EventLoop();
var l = new ProcessLauncher(reaper, loop, new UserDatabase("/etc"), new SandboxEnvironment(new Dictionary<string, string>()));
var r = l.Start(new ProcessSpec(args, new Dictionary<string, string>(), "", "", null, false));
if (r.Failure is { } f) { var o = new FileDescriptor(2); LibcIo.Write(o, System.Text.Encoding.UTF8.GetBytes(f.Message + "\n")); return 1; }
var buf = new byte[65536];
int n;
using var o1 = new FileDescriptor(1);
while ((n = await r.Process!.Output.ReadAsync(buf, default)) > 0) { LibcIo.Write(o1, buf.AsSpan(0, n)); }
var s = await r.Process!.Exited;
return s.ShellCode;
