//! `run`: a run loop that its configuration steers.

use boll_conformance::config::get;
use boll_conformance::lifecycle::{caller, ready};
use boll_conformance::{Case, Checked, Run, say, unknown};

struct Guest;

boll_conformance::guest!(Guest, run);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "ready" => Ok(()),
            other => unknown(other),
        }
    }
}

impl Run for Guest {
    fn run_loop() -> Result<(), String> {
        say(match caller() {
            None => "running without a caller",
            Some(_) => "running for a caller",
        });
        let how = get("how").ok().flatten().unwrap_or_default();
        match how.as_str() {
            "ends" => Ok(()),
            "traps" => panic!("it was to trap"),
            "fails" => Err("it was to fail".to_owned()),
            "never-ready" => loop {
                std::thread::sleep(std::time::Duration::from_secs(60));
            },
            _ => {
                ready();
                say("ready");
                loop {
                    std::thread::sleep(std::time::Duration::from_secs(60));
                }
            }
        }
    }
}
