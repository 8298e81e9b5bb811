//! A tree that asks without end.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::{BEGIN, BOTH, bench};
use crate::policy::WorkspaceAccess;
use crate::process::Cause;
use crate::process::tests::support::{Bench, command, processes_with, until};

/// Asks as fast as it can, from many threads of many processes, and leaves the rest of its
/// connections waiting.
const FLOOD: &str = r#"
path = own + "/full"
server = socket.socket(socket.AF_UNIX)
server.bind(path)
server.listen(0)
first = connect(path)
def ask():
    while True:
        try:
            connect("/nowhere")
        except OSError:
            pass
def wait():
    try:
        connect(path)
    except OSError:
        pass
for _ in range(4):
    if os.fork() == 0:
        for _ in range(60):
            threading.Thread(target=wait).start()
        for _ in range(20):
            threading.Thread(target=ask).start()
        time.sleep(77311)
open("ready", "w").close()
time.sleep(77311)
"#;

#[tokio::test]
async fn a_flood_of_questions_holds_up_nobody_and_ends_with_its_tree() {
    for backend in BOTH {
        let bench = bench(backend);
        let other = Bench::new();
        let cancel = CancellationToken::new();
        let mut context = bench.context();
        context.cancel = cancel.clone();
        let program = format!("{BEGIN}{FLOOD}");
        let command = bench.allow(
            command("python3", &["-c", &program]),
            WorkspaceAccess::ReadWrite,
        );
        let ready = bench.path().join("ready");
        let (output, ()) = tokio::join!(bench.service.run(command, context), async {
            until("it runs", || ready.exists()).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
            let begun = Instant::now();
            assert_eq!(other.sh("echo out").await, "out\n");
            assert!(begun.elapsed() < Duration::from_secs(10));
            cancel.cancel();
        });
        assert_eq!(output.unwrap().exit.cause, Cause::Cancelled, "{backend}");
        assert_eq!(processes_with("77311"), 0);
        assert_eq!(bench.sh("echo next").await, "next\n");
    }
}
