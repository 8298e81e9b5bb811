//! The network of capsules themselves from a shell: asked for, granted, and
//! explained.

use std::io::Write as _;
use std::net::TcpListener;
use std::thread;

use serde_json::json;

use crate::support::environment::{Run, TestEnvironment};

/// Greets whoever connects to it, on the loopback of this machine.
fn service() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let _ = connection.and_then(|mut stream| stream.write_all(b"greetings"));
        }
    });
    port
}

#[test]
fn a_run_without_the_grant_says_which_is_missing() {
    let env = TestEnvironment::new();
    let port = service();
    let guests = env.guests(&format!(
        "[[network]]\nhost = \"127.0.0.1\"\nport = {port}\n"
    ));
    let steps = json!([{"connect": format!("127.0.0.1:{port}")}]).to_string();
    let run = ["run", &*guests, "network", "--payload", &steps];
    let grant = format!("network:127.0.0.1:{port}");
    env.boll(&run).fails(3).says(&[
        &format!("guests needs permissions that have not been granted: \"{grant}\""),
        &format!("--allow {grant}"),
    ]);
    // What processes may use is another grant.
    env.boll(&[&run[..], &["--allow", "network:host"]].concat())
        .fails(3);
    let results = env.boll(&[&run[..], &["--allow", &grant]].concat()).ends(0);
    assert_eq!(results.json(), json!([{"ok": "greetings"}]));
}

#[test]
fn the_check_lists_hosts() {
    let env = TestEnvironment::new();
    let guests = env.guests(
        "[[network]]\nhost = \"*.example.com\"\nport = \"*\"\n\
         [[network]]\nhost = \"host\"\nport = 443\n",
    );
    let args = ["check", &*guests, "--allow", "network:api.example.com:443"];
    let text = env.boll(&args).ends(0).stdout;
    for told in [
        "  network:*.example.com:*  *.example.com:* (connects to *.example.com at every port)\n",
        "  network:host:443  host:443 (connects to host at port 443)\n",
        "is granted\n  network:api.example.com:443  api.example.com:443\n",
        "is not granted\n  network:host:443\n",
    ] {
        assert!(text.contains(told), "{text}");
    }
}

fn explained(env: &TestEnvironment, args: &[&str]) -> Run {
    env.boll(&[&["explain", "guests"], args].concat())
}

#[test]
fn a_connection_is_explained() {
    let env = TestEnvironment::new();
    env.guests("[[network]]\nhost = \"*.example.com\"\nport = 443\n");
    env.grant("[capsule.guests]\ndigest = \"any\"\nallow = [\"network:*:443\"]\n");
    let run = explained(&env, &["network", "api.example.com:443"]).ends(0);
    assert_eq!(
        run.stdout,
        format!(
            "allowed: api.example.com:443\n  \
             asked for  by guests/Capsule.toml:5: *.example.com:443\n  \
             granted    by {}:3: network:*:443\n  \
             leads      to public addresses only, and to others that are asked for and granted\n  \
             runs       a fresh instance for each call\n",
            env.operator().display()
        )
    );
    explained(&env, &["network", "other.org:443"])
        .ends(3)
        .says(&[
            "network:other.org:443 is not allowed: the manifest has no [[network]]",
            "[[network]]",
            "host = \"other.org\"",
            "port = 443",
        ]);
    env.grant("");
    let run = explained(
        &env,
        &["--output", "json", "network", "api.example.com:443"],
    )
    .ends(3);
    let json = run.json();
    assert_eq!(json["missing"][0]["grant"], "network:*.example.com:443");
    assert_eq!(json["request"]["line"], 5);
    for (to, complaint) in [
        ("api.example.com", "is not HOST:PORT"),
        ("*.example.com:443", "is not one port of one host"),
        ("api.example.com:*", "is not one port of one host"),
        ("api.example.com:0", "is not a port"),
    ] {
        explained(&env, &["network", to])
            .fails(2)
            .says(&[complaint]);
    }
}
