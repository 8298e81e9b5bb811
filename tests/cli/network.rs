//! The host's network: out of reach until it is asked for and granted.

use std::io::Write as _;
use std::net::TcpListener;
use std::thread;

use serde_json::{Value, json};

use crate::support::environment::{Run, TestEnvironment};

const BASH: &str = "[[process]]\nprogram = \"bash\"\n";
const BASH_REACHES: &str = "[[process]]\nprogram = \"bash\"\nnetwork = \"host\"\n";

/// Greets whoever connects to it, on the loopback of this machine.
fn service() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for connection in listener.incoming() {
            // Whoever connects may be gone already.
            let _ = connection.and_then(|mut stream| stream.write_all(b"greetings"));
        }
    });
    port
}

/// Has a capsule connect to the service.
fn connect(env: &TestEnvironment, capsule: &str, port: u16, grants: &[&str]) -> Run {
    let script = format!("exec 3<>/dev/tcp/127.0.0.1/{port} && cat <&3");
    let payload = json!({"program": "bash", "args": ["-c", script]}).to_string();
    let mut args = vec!["run", capsule, "run", "--payload", &payload];
    for grant in grants {
        args.extend(["--allow", grant]);
    }
    env.boll(&args)
}

fn stdout(run: &Run) -> Value {
    run.json()["ok"]["stdout"]["text"].clone()
}

#[test]
fn the_hosts_network_is_reached_only_where_asked_for_and_granted() {
    let env = TestEnvironment::new();
    let port = service();
    let both = ["process:bash", "network:host"];

    let silent = env.guests(BASH);
    for grants in [&both[..1], &both] {
        let run = connect(&env, &silent, port, grants).ends(0);
        assert_eq!(stdout(&run), "", "{run:#?}");
    }
    let reaches = env.guests(BASH_REACHES);
    connect(&env, &reaches, port, &both[..1])
        .fails(3)
        .says(&["\"network:host\""]);
    let run = connect(&env, &reaches, port, &both).ends(0);
    assert_eq!(stdout(&run), "greetings", "{run:#?}");
}

#[test]
fn a_command_that_no_request_with_the_network_covers_stays_without() {
    let env = TestEnvironment::new();
    let port = service();
    let capsule = env.guests(
        "[[process]]\nprogram = \"bash\"\nargs = [\"--version\"]\nnetwork = \"host\"\n\
         [[process]]\nprogram = \"bash\"\n",
    );
    let run = connect(&env, &capsule, port, &["process:bash", "network:host"]).ends(0);
    assert_eq!(stdout(&run), "", "{run:#?}");
}
