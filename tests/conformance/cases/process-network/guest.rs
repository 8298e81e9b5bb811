//! `process.run`: a command that wants to reach a service of the host.

use boll_conformance::command::{exit, sh};
use boll_conformance::config::get;
use boll_conformance::process::{ExitStatus, run};
use boll_conformance::{Case, Checked, equal, good, holds, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "connects" => connects(),
            other => unknown(other),
        }
    }
}

/// A script that exits with 0 when it is connected, with 7 when it is not, and with 9
/// where nothing can try.
const CONNECT: &str = r#"
if command -v bash >/dev/null; then
    bash -c "exec 3<>/dev/tcp/127.0.0.1/$port" 2>/dev/null || exit 7
elif command -v perl >/dev/null; then
    perl -MIO::Socket::INET -e "exit(IO::Socket::INET->new(q(127.0.0.1:$port)) ? 0 : 7)"
elif command -v python3 >/dev/null; then
    python3 -c "import socket; socket.create_connection(('127.0.0.1', $port))" 2>/dev/null || exit 7
else
    exit 9
fi
"#;

fn connects() -> Checked {
    let port = get("port").ok().flatten().unwrap_or_default();
    let ended = good("run", run(&sh(&format!("port={port}; {CONNECT}"))))?.exit;
    holds(
        "the tools",
        "bash, perl or python3 in the sandbox",
        &ended,
        |ended| ended.status != ExitStatus::Code(9),
    )?;
    equal("it is not connected", ended, exit(7))
}
