//! Programs whose processes talk to each other by sockets.

use std::fs;

use super::{BOTH, bench};
use crate::process::tests::support::command;
use crate::sandbox::SandboxBackend;

const PROGRAMS: &str = r#"
import multiprocessing, sys
def square(number):
    return number * number
if __name__ == "__main__":
    for method in ["fork", "spawn", "forkserver"]:
        context = multiprocessing.get_context(method)
        # Under Landlock there is no /dev/shm for the locks of a pool.
        if len(sys.argv) > 1:
            with context.Pool(2) as pool:
                assert pool.map(square, [2, 3]) == [4, 9]
        process = context.Process(target=square, args=[2])
        process.start()
        process.join()
        assert process.exitcode == 0
        with context.Manager() as manager:
            shared = manager.dict()
            shared["a"] = 1
            assert dict(shared) == {"a": 1}
        print(method, flush=True)
"#;

#[tokio::test]
async fn pythons_processes_work_together_by_every_method() {
    for backend in BOTH {
        let bench = bench(backend);
        fs::write(bench.path().join("main.py"), PROGRAMS).unwrap();
        let pool: &[&str] = match backend {
            SandboxBackend::Bubblewrap => &["main.py", "pool"],
            SandboxBackend::Landlock | SandboxBackend::None => &["main.py"],
        };
        let output = bench.run(command("python3", pool)).await;
        assert_eq!(
            output.stdout.bytes, b"fork\nspawn\nforkserver\n",
            "{output:?}"
        );
    }
}

#[tokio::test]
async fn a_pipe_of_node_leads_to_its_own_server() {
    let program = "const net = require('net'); const path = process.env.TMPDIR + '/pipe'; \
                   const server = net.createServer(socket => socket.end('hello')); \
                   server.listen(path, () => net.connect(path).on('data', \
                   data => { console.log(String(data)); server.close(); }));";
    for backend in BOTH {
        let output = bench(backend).run(command("node", &["-e", program])).await;
        assert_eq!(output.stdout.bytes, b"hello\n", "{output:?}");
    }
}
