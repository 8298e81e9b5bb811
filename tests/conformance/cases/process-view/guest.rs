//! `process.run`: what a command sees of the machine, and where it begins.

use boll_conformance::command::{captured, ring, sh};
use boll_conformance::config::get;
use boll_conformance::process::run;
use boll_conformance::{Case, Checked, equal, good, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "sees" => sees(),
            "begins" => begins(),
            other => unknown(other),
        }
    }
}

fn said(script: &str) -> Checked<String> {
    let mut command = sh(script);
    command.stdout = ring(4096);
    let output = good("run", run(&command))?;
    Ok(String::from_utf8_lossy(&output.stdout.bytes).into_owned())
}

fn sees() -> Checked {
    let place = |key| get(key).ok().flatten().unwrap_or_default();
    let cat = |folder: &str| said(&format!("cat '{folder}/file' 2>/dev/null || echo nothing"));
    equal(
        "the workspace",
        cat("/workspace")?.as_str(),
        "in the workspace",
    )?;
    equal(
        "what the host adds",
        cat(&place("shown"))?.as_str(),
        "shown",
    )?;
    equal("beside it", cat(&place("hidden"))?.as_str(), "nothing\n")?;
    // Its own process tree is the only one.
    let others = said("for one in /proc/[0-9]*; do echo; done | wc -l")?;
    let others: u32 = others.trim().parse().unwrap_or(u32::MAX);
    equal("a few processes", others < 10, true)
}

fn begins() -> Checked {
    let mut command = sh("pwd -P");
    for (cwd, expected) in [
        (None, "/workspace\n"),
        (Some("folder"), "/workspace/folder\n"),
        (Some("/workspace/folder"), "/workspace/folder\n"),
    ] {
        command.cwd = cwd.map(str::to_owned);
        let output = good("run", run(&command))?;
        equal("where it begins", output.stdout, captured(expected, 0))?;
    }
    Ok(())
}
