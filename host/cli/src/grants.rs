//! The grants that a capsule lacks: asked for on a terminal, refused elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use boll_host::Digest;
use boll_host::capsule::Manifest;
use boll_host::policy::{CodeVariable, Confinement, Grant, GrantSet, Permissions, ProcessRequest};
use boll_host::sandbox::Sandbox;

use crate::failure::{Code, Done, Failure};
use crate::operator::Operator;
use crate::prepared::Wanted;
use crate::question::{self, Answer};
use crate::session;

/// How many of the grants that a capsule lacks an error names.
const NAMED: usize = 20;

/// A capsule that applies for grants, and what it has.
pub(crate) struct Applicant {
    pub(crate) wanted: Wanted,
    /// Its component's digest; `None` while that is not built.
    pub(crate) digest: Option<Digest>,
    /// Set if there are grants, but for another component.
    pub(crate) stale: Option<String>,
    pub(crate) granted: GrantSet,
    /// The grants that the user allowed when asked.
    pub(crate) answered: Vec<Grant>,
    /// Those of them that are allowed for good.
    pub(crate) for_good: Vec<Grant>,
    /// Those that are allowed for good in this workspace only.
    pub(crate) for_folder: Vec<Grant>,
}

/// A capsule, and what it lacks.
struct Lacking<'a> {
    applicant: &'a mut Applicant,
    missing: Vec<Grant>,
}

impl Applicant {
    fn manifest(&self) -> &Manifest {
        &self.wanted.project.manifest
    }

    /// Returns the grants that it lacks on a host with this confinement.
    pub(crate) fn missing(&self, confinement: Confinement) -> Vec<Grant> {
        Permissions::new(self.wanted.requests(), &self.granted).missing(confinement)
    }

    /// Returns a grant to it, in the form that `--allow` takes.
    fn allow(&self, grant: &Grant) -> String {
        if self.wanted.main {
            grant.to_string()
        } else {
            format!("{}={grant}", self.wanted.id())
        }
    }

    fn grant(&mut self, grants: &[Grant], choice: Choice) {
        self.granted.extend(grants.iter().cloned());
        self.answered.extend_from_slice(grants);
        match choice {
            Choice::Always => self.for_good.extend_from_slice(grants),
            Choice::InFolder => self.for_folder.extend_from_slice(grants),
            Choice::Once | Choice::No => {}
        }
    }
}

/// Grants each capsule what it lacks, if the user allows it on a terminal; elsewhere that
/// is refused.
pub(crate) fn ask_for_missing<'a>(
    applicants: impl Iterator<Item = &'a mut Applicant>,
    operator: &Operator,
    sandbox: Option<&Sandbox>,
) -> Done {
    let confinement = sandbox.map_or(Confinement::Sandboxed, Sandbox::confinement);
    let lacking = applicants.map(|applicant| Lacking {
        missing: applicant.missing(confinement),
        applicant,
    });
    let mut lacking: Vec<Lacking<'_>> = lacking.filter(|one| !one.missing.is_empty()).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    if !question::can_ask() {
        return Err(refusal(&lacking, operator));
    }
    for one in &mut lacking {
        match ask(one, operator, sandbox)? {
            Choice::No => return Err(refusal(&lacking, operator)),
            choice => one.applicant.grant(&one.missing, choice),
        }
    }
    Ok(())
}

/// Returns a grant that is lacking, with the folder's place on this machine where reading it
/// was granted there.
pub(crate) fn located(mut grant: Grant, held: &GrantSet) -> Grant {
    if let Grant::Files(lacking) = &mut grant {
        lacking.at = held.iter().find_map(|held| match held {
            Grant::Files(held) if held.path == lacking.path => held.at.clone(),
            _ => None,
        });
    }
    grant
}

/// Returns these grants with those that the capsule lacks: with all of them it has what its
/// manifest asks for.
pub(crate) fn with_missing(
    manifest: &Manifest,
    grants: &GrantSet,
    confinement: Confinement,
) -> GrantSet {
    let mut all = grants.clone();
    all.extend(Permissions::new(&manifest.requests, grants).missing(confinement));
    all
}

/// Returns those of the grants that allow nothing that the manifest asks for, such as one
/// with a misspelled name, on a host with this confinement.
pub(crate) fn useless<'a>(
    manifest: &Manifest,
    grants: impl IntoIterator<Item = &'a Grant>,
    confinement: Confinement,
) -> Vec<Grant> {
    let nothing = GrantSet::default();
    let asked = Permissions::new(&manifest.requests, &nothing).missing(confinement);
    let allows = |grant: &Grant| {
        let alone: GrantSet = std::iter::once(grant.clone()).collect();
        let held = Permissions::new(&manifest.requests, &alone).held();
        !held.is_empty() || asked.contains(grant)
    };
    let useless = grants.into_iter().filter(|grant| !allows(grant));
    useless.cloned().collect()
}

fn refusal(lacking: &[Lacking<'_>], operator: &Operator) -> Failure {
    let flags = lacking.iter().flat_map(|Lacking { applicant, missing }| {
        let allow = missing.iter().map(|grant| applicant.allow(grant));
        allow.flat_map(|allow| ["--allow".to_owned(), allow])
    });
    let given = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let mut hints = vec![for_one_run(given.collect(), flags)];
    for Lacking { applicant, missing } in lacking {
        let manifest = applicant.manifest();
        hints.extend(for_good(manifest, operator, applicant.digest, missing));
        hints.extend(applicant.stale.clone());
    }
    let asks: Vec<String> = lacking
        .iter()
        .map(|Lacking { applicant, missing }| {
            let named = missing
                .iter()
                .take(NAMED)
                .map(|grant| format!("\"{grant}\""));
            let named: Vec<String> = named.collect();
            let id = applicant.wanted.id();
            let more = match missing.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            let named = named.join(", ");
            format!("{id} needs permissions that have not been granted: {named}{more}")
        })
        .collect();
    let failure = Failure::new(Code::NotGranted, asks.join("; "));
    hints.into_iter().fold(failure, Failure::hint)
}

/// Returns how a capsule is allowed for good what it lacks, with what to know about that.
pub(crate) fn for_good(
    manifest: &Manifest,
    operator: &Operator,
    digest: Option<Digest>,
    missing: &[Grant],
) -> Vec<String> {
    let mut hints = vec![operator.how_to_allow(manifest, digest, missing)];
    let variables = Variables::of(manifest);
    let executing = missing.iter().flat_map(|grant| variables.set_by(grant));
    hints.extend(executing.filter_map(|name| Some(CodeVariable::of(name)?.to_string())));
    let elsewhere = missing.iter().find(|grant| match grant {
        Grant::Files(files) => files.path.in_workspace().is_none() && files.at.is_none(),
        _ => false,
    });
    hints.extend(elsewhere.map(|grant| {
        format!(
            "if the folder has another path on this machine, add that to the grant: \
             \"{grant} /srv/data\""
        )
    }));
    hints
}

/// Returns a command line with more flags, to be pasted.
pub(crate) fn for_one_run(mut words: Vec<String>, flags: impl Iterator<Item = String>) -> String {
    // Before a `--`, after which there are no more options.
    let end = words.iter().position(|word| word == "--");
    let end = end.unwrap_or(words.len());
    words.splice(end..end, flags);
    // Arguments have no NUL, so quoting cannot fail.
    let line = shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default();
    format!("to allow it for one run:\n{line}")
}

#[derive(Debug, Clone, Copy)]
enum Choice {
    Once,
    Always,
    /// Always where the workspace is this one.
    InFolder,
    No,
}

fn ask(lacking: &Lacking<'_>, operator: &Operator, sandbox: Option<&Sandbox>) -> Done<Choice> {
    let Lacking { applicant, missing } = lacking;
    let manifest = applicant.manifest();
    let mut lines = vec![
        format!("{} {} asks for:", manifest.id, manifest.version),
        format!("  {}", why_asked(applicant)),
    ];
    let variables = Variables::of(manifest);
    let held = applicant.granted.iter().map(|grant| ("granted", grant));
    let lacks = missing.iter().map(|grant| ("missing", grant));
    for (state, grant) in held.chain(lacks) {
        lines.push(format!("  {state}  {grant}"));
        lines.extend(warning(grant, sandbox).map(|text| format!("           {text}")));
        lines.extend(variables.set_by(grant).map(|name| {
            let text = described(name);
            format!("           {text}")
        }));
    }
    lines.push(format!("  \"always\" is kept in {}", operator.shown_path()));
    let folder = operator.workspace();
    lines.extend(folder.map(|folder| format!("  \"this folder\" is {folder}")));
    question::tell(&lines.join("\n"))?;
    let builds = match operator.is_for_every_build(&manifest.id) {
        true => "every build of it, as its entry says",
        false => "this build of it",
    };
    let mut answers = vec![
        Answer::new('n', "no"),
        Answer::new('o', "once, for this run"),
        Answer::new('a', format!("always, for {builds}")),
    ];
    if folder.is_some() {
        let text = format!("always for this folder, for {builds}");
        answers.push(Answer::new('f', text));
    }
    Ok(match question::ask("Allow what is missing?", &answers)? {
        Some(1) => Choice::Once,
        Some(2) => Choice::Always,
        Some(3) => Choice::InFolder,
        _ => Choice::No,
    })
}

/// Returns why a capsule is asked about now.
fn why_asked(applicant: &Applicant) -> String {
    if let Some(stale) = &applicant.stale {
        return format!("asked again, because it was built anew: {stale}");
    }
    match applicant.granted.iter().next() {
        None => "asked because nothing is granted to it yet".to_owned(),
        Some(_) => "asked because its manifest asks for more than is granted".to_owned(),
    }
}

/// The variables that a capsule sets for its processes, by the grants that allow the
/// processes.
struct Variables<'m>(BTreeMap<String, BTreeSet<&'m str>>);

impl<'m> Variables<'m> {
    fn of(manifest: &'m Manifest) -> Self {
        let mut variables: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for request in &manifest.requests.processes {
            if !request.env.is_empty() {
                let names = variables.entry(request.as_grant().to_string());
                names.or_default().extend(variables_of(request));
            }
        }
        Self(variables)
    }

    fn set_by(&self, grant: &Grant) -> impl Iterator<Item = &'m str> {
        let names = self.0.get(&grant.to_string());
        names.into_iter().flatten().copied()
    }
}

/// Returns the variables that a capsule sets for a process.
pub(crate) fn variables_of(request: &ProcessRequest) -> impl Iterator<Item = &str> {
    request.env.iter().map(|name| name.as_str())
}

/// Describes a variable, with what it executes if that is known.
pub(crate) fn described(name: &str) -> String {
    match CodeVariable::of(name) {
        Some(code) => format!("sets {name}, which {}", code.on_its_own()),
        None => format!("sets {name}"),
    }
}

/// Returns what to know about a grant before allowing it.
fn warning(grant: &Grant, sandbox: Option<&Sandbox>) -> Option<String> {
    match grant {
        Grant::Process { program, .. } => {
            let sandbox = sandbox?;
            let code = session::arbitrary_code(sandbox, program.as_str())?;
            Some(code.on_host(sandbox.confinement()))
        }
        other => Some(other.effect()),
    }
}
