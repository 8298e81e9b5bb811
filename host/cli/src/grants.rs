//! The grants that a capsule lacks: asked for on a terminal, refused elsewhere.

use std::io::{self, IsTerminal as _, Write as _};

use boll_host::capsule::Manifest;
use boll_host::policy::{Confinement, Grant, GrantSet, Permissions};
use boll_host::sandbox::Sandbox;
use dialoguer::{Select, theme::ColorfulTheme};

use crate::failure::{Code, Done, Failure};
use crate::host::Prepared;
use crate::operator::Operator;
use crate::session;

/// A capsule, and what it lacks.
struct Lacking<'a> {
    prepared: &'a Prepared,
    missing: Vec<Grant>,
}

/// What each capsule lacks beside what it was granted, given by whoever is asked
/// on a terminal; elsewhere a refusal.
pub(crate) fn ask_for_missing(
    capsules: &[Prepared],
    granted: &[GrantSet],
    operator: &Operator,
    sandbox: Option<&Sandbox>,
) -> Done<Vec<Vec<Grant>>> {
    let confinement = sandbox.map_or(Confinement::Sandboxed, Sandbox::confinement);
    let lacking: Vec<Lacking<'_>> = capsules
        .iter()
        .zip(granted)
        .map(|(prepared, granted)| Lacking {
            prepared,
            missing: missing(&prepared.project.manifest, granted, confinement),
        })
        .collect();
    let all_there = lacking.iter().all(|one| one.missing.is_empty());
    let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !all_there && !terminal {
        return Err(refusal(&lacking, operator));
    }
    for one in lacking.iter().filter(|one| !one.missing.is_empty()) {
        let Lacking { prepared, missing } = one;
        let manifest = &prepared.project.manifest;
        match ask(manifest, missing, sandbox)? {
            Answer::Once => {}
            Answer::Always => operator.add(&manifest.id, prepared.component.digest, missing)?,
            Answer::No => return Err(refusal(&lacking, operator)),
        }
    }
    Ok(lacking.into_iter().map(|one| one.missing).collect())
}

/// The grants that a capsule lacks on a host that confines its processes so.
pub(crate) fn missing(
    manifest: &Manifest,
    grants: &GrantSet,
    confinement: Confinement,
) -> Vec<Grant> {
    Permissions::new(&manifest.requests, grants).missing(confinement)
}

fn refusal(lacking: &[Lacking<'_>], operator: &Operator) -> Failure {
    let lacking = || lacking.iter().filter(|one| !one.missing.is_empty());
    let flags = lacking().flat_map(|Lacking { prepared, missing }| {
        let allow = missing.iter().map(|grant| prepared.allow(grant));
        allow.flat_map(|allow| ["--allow".to_owned(), allow])
    });
    let mut hints = vec![format!("to allow it for one run: {}", with(flags))];
    for Lacking { prepared, missing } in lacking() {
        let id = &prepared.project.manifest.id;
        hints.push(operator.how_to_allow(id, prepared.component.digest, missing));
        let elsewhere = missing.iter().find(
            |grant| matches!(grant, Grant::Files(files) if files.path.in_workspace().is_none()),
        );
        hints.extend(elsewhere.map(|grant| {
            format!(
                "where the folder is called otherwise on this machine, that stands behind it: \
                 \"{grant} /srv/data\""
            )
        }));
        hints.extend(prepared.given.stale.clone());
    }
    let asks: Vec<String> = lacking()
        .map(|Lacking { prepared, missing }| {
            let missing: Vec<String> = missing.iter().map(|grant| format!("\"{grant}\"")).collect();
            let id = &prepared.project.manifest.id;
            format!(
                "{id} asks for what it was not granted: {}",
                missing.join(", ")
            )
        })
        .collect();
    let failure = Failure::new(Code::NotGranted, asks.join("; "));
    hints.into_iter().fold(failure, Failure::hint)
}

/// The command line as it was given, with more flags: a line that can be pasted.
fn with(flags: impl Iterator<Item = String>) -> String {
    let mut words: Vec<String> = std::env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    // Before a `--`, after which there are no more options.
    let end = words.iter().position(|word| word == "--");
    let end = end.unwrap_or(words.len());
    words.splice(end..end, flags);
    // Arguments have no NUL, so quoting cannot fail.
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default()
}

enum Answer {
    Once,
    Always,
    No,
}

fn ask(manifest: &Manifest, missing: &[Grant], sandbox: Option<&Sandbox>) -> Done<Answer> {
    let lines: Vec<String> = missing
        .iter()
        .map(|grant| match beware(grant, sandbox) {
            Some(text) => format!("  {grant}\n    {text}"),
            None => format!("  {grant}"),
        })
        .collect();
    let failed =
        |error: &dyn std::error::Error| Failure::new(Code::Machine, format!("cannot ask: {error}"));
    // Apart from the question, which is drawn anew with each key and has to
    // fit into a line for that.
    writeln!(
        io::stderr(),
        "{} {} asks for:\n{}",
        manifest.id,
        manifest.version,
        lines.join("\n")
    )
    .map_err(|error| failed(&error))?;
    let answer = Select::with_theme(&ColorfulTheme::default())
        .with_prompt("Allow it?")
        .items(["no", "once, for this run", "always, for this build of it"])
        .default(0)
        .interact_opt()
        .map_err(|error| failed(&error))?;
    Ok(match answer {
        Some(1) => Answer::Once,
        Some(2) => Answer::Always,
        _ => Answer::No,
    })
}

/// What whoever is asked for a grant should know of it.
fn beware(grant: &Grant, sandbox: Option<&Sandbox>) -> Option<String> {
    match grant {
        Grant::Process { program, .. } => {
            let sandbox = sandbox?;
            let code = session::arbitrary_code(sandbox, program.as_str())?;
            Some(code.on_host(sandbox.confinement()))
        }
        other => Some(other.effect()),
    }
}
