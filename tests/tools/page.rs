//! `docs/tools.md`, made from the files of `programs/` and from what was last seen.

use std::fmt::Write as _;

use crate::program::{Expected, Program, Way};
use crate::results::Results;

const START: &str = "\
# Programs

Real programs from packages, unchanged, and how they do in a sandbox. Each row is a file in
`tests/tools/programs`: a script that the suite runs outside of a sandbox as an ordinary user, and
then inside in four ways: by bubblewrap and by landlock, each where root starts `boll` and where an ordinary
user does. A row is green where exit code, output and the files that are left are the same; what
may differ, and why, is in the row's file. Processes have no network but loopback of their own.

`cargo xtask tools` installs the programs with apt-get and runs the suite, which CI does, too.
`cargo xtask tools --large` does the same for the second list, which takes longer and is run by
hand. A row that is not green fails the suite as soon as the program works.

This page is made from these files, and a test compares them:

```sh
BOLL_TOOLS_RECORD=1 cargo xtask tools    # keeps versions and dates of programs that did as expected
INSTA_UPDATE=always cargo test --release --workspace --test tidy -- tools
```

";

/// The columns, in the order of [`Way::ALL`].
const WAYS: [&str; 4] = [
    "bubblewrap, root",
    "bubblewrap, user",
    "landlock, root",
    "landlock, user",
];

/// The page's text.
pub(crate) fn page(programs: &[Program], results: &Results) -> String {
    let mut page = START.to_owned();
    let mut reasons = Vec::new();
    for (heading, large) in [
        ("## The first list\n\n", false),
        ("## The second list\n\n", true),
    ] {
        page += heading;
        let _ = writeln!(page, "| program | does | {} |", WAYS.join(" | "));
        page += "|---|---|---|---|---|---|\n";
        for program in programs.iter().filter(|program| program.large == large) {
            let cells = Way::ALL.map(|way| cell(program, way, results, &mut reasons));
            let (name, does) = (&program.program, &program.does);
            let _ = writeln!(page, "| {name} | {does} | {} |", cells.join(" | "));
        }
        page.push('\n');
    }
    page += "## Reasons\n\n";
    page +=
        "`closed` is what cannot work without opening a hole, `red` what does not work yet.\n\n";
    for (number, reason) in reasons.iter().enumerate() {
        let _ = writeln!(page, "{}. {reason}", number + 1);
    }
    let set: Vec<_> = programs
        .iter()
        .filter(|program| !program.operator.is_empty())
        .collect();
    if !set.is_empty() {
        page += "\n## Settings\n\n";
        page += "What the operator's file has to have for some of them, with bubblewrap:\n\n";
    }
    for program in set {
        let lines: Vec<_> = program
            .operator
            .lines()
            .map(|line| format!("`{line}`"))
            .collect();
        let _ = writeln!(page, "- {}: {}", program.program, lines.join(", "));
    }
    page += "\n## Versions\n\n| file | version | last seen |\n|---|---|---|\n";
    for program in programs {
        let seen = results.0.get(&program.name);
        let (version, date) = seen.map_or(("not tried", "never"), |seen| {
            (seen.version.as_str(), seen.date.as_str())
        });
        let _ = writeln!(page, "| `{}` | {version} | {date} |", program.name);
    }
    page
}

/// A result. Reasons have numbers, by the order in which they are first named.
fn cell(program: &Program, way: Way, results: &Results, reasons: &mut Vec<String>) -> String {
    let (word, why) = match program.expected(way) {
        Expected::Same if results.0.contains_key(&program.name) => return "green".to_owned(),
        Expected::Same => return "not tried".to_owned(),
        Expected::Fails(why) => ("red", why),
        Expected::Closed(why) => ("closed", why),
    };
    let known = reasons.iter().position(|reason| reason == why);
    let number = known.unwrap_or_else(|| {
        reasons.push(why.to_owned());
        reasons.len() - 1
    });
    format!("[{word}, {}](#reasons)", number + 1)
}
