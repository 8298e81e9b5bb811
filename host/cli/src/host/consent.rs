//! What capsules are granted when they are loaded: asked for before anything is
//! built, and again where that made another component than was granted something.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use boll_host::capsule::Manifest;
use boll_host::policy::{Confinement, FileAccess, Grant, GrantSet, Requests};
use boll_host::sandbox::Sandbox;

use super::{Prepared, Wanted};
use crate::args::HostArgs;
use crate::failure::Done;
use crate::grants::{Answered, Subject, ask_for_missing, missing};
use crate::operator::Operator;
use crate::question;

/// The grants of the command line to a capsule.
fn allowed(manifest: &Manifest, main: bool, host: &HostArgs) -> impl Iterator<Item = Grant> {
    let allowed = host.allow.iter().filter(move |allow| match &allow.capsule {
        None => main,
        Some(capsule) => *capsule == manifest.id,
    });
    allowed.map(|allow| allow.grant.clone())
}

/// Asks for what the manifests want before anything is built. What the operator
/// granted to one component counts as if the one to be built were it.
pub(super) fn ask_before(
    wanted: &[Wanted],
    host: &HostArgs,
    operator: &Operator,
    sandbox: Option<&Sandbox>,
) -> Done<Vec<(Answered, GrantSet)>> {
    let confinement = sandbox.map_or(Confinement::Sandboxed, Sandbox::confinement);
    let mut subjects = Vec::new();
    for one in wanted {
        let manifest = &one.project.manifest;
        // What is wrong with its configuration is told before anything is asked.
        operator.given(manifest, None)?;
        let mut granted = operator.expected_grants(&manifest.id);
        granted.extend(allowed(manifest, one.main, host));
        // What is there is read only for what depends on it.
        let lacks = !missing(manifest, &granted, confinement).is_empty();
        let may_not_fit = manifest.component.is_none() && operator.is_pinned(&manifest.id);
        let digest = match lacks || may_not_fit {
            true => one.digest()?,
            false => None,
        };
        let stale = match digest {
            Some(digest) => operator.stale(manifest, digest),
            None => None,
        };
        // Of a component that is known it is known whether they fit.
        if stale.is_some() {
            granted = allowed(manifest, one.main, host).collect();
        }
        subjects.push(Subject {
            manifest,
            main: one.main,
            digest,
            stale,
            granted,
        });
    }
    let answers = ask_for_missing(&subjects, operator, sandbox)?;
    let both = subjects.into_iter().zip(answers);
    Ok(both
        .map(|(subject, answered)| {
            let mut grants = subject.granted;
            grants.extend(answered.grants.iter().cloned());
            (answered, grants)
        })
        .collect())
}

/// What each capsule that is built is granted. Where the operator's grants were
/// to another component, that is asked for now.
pub(super) fn grants_of_built(
    capsules: &[Prepared],
    answers: Vec<Answered>,
    host: &HostArgs,
    operator: &mut Operator,
    sandbox: Option<&Sandbox>,
) -> Done<Vec<GrantSet>> {
    let subjects = capsules.iter().zip(&answers).map(|(prepared, answered)| {
        let manifest = &prepared.project.manifest;
        let mut granted = prepared.given.grants();
        granted.extend(allowed(manifest, prepared.main, host));
        granted.extend(answered.grants.iter().cloned());
        Subject {
            manifest,
            main: prepared.main,
            digest: Some(prepared.component.digest),
            stale: prepared.given.stale.clone(),
            granted,
        }
    });
    let subjects: Vec<Subject<'_>> = subjects.collect();
    let further = ask_for_missing(&subjects, operator, sandbox)?;
    let mut all = Vec::new();
    for ((subject, first), second) in subjects.into_iter().zip(answers).zip(further) {
        let always = [&first, &second].into_iter().filter(|one| one.always);
        let kept: Vec<Grant> = always.flat_map(|one| one.grants.clone()).collect();
        if let Some(digest) = subject.digest
            && !kept.is_empty()
        {
            operator.add(&subject.manifest.id, digest, &kept)?;
        }
        let mut grants = subject.granted;
        grants.extend(second.grants);
        all.push(grants);
    }
    Ok(all)
}

/// Judges the workspace where a capsule or its processes get to see it. On a
/// terminal it is asked for what exposes much.
pub(super) fn judge_workspace(
    requests: &Requests,
    grants: &GrantSet,
    workspace: &Path,
    protected: &[PathBuf],
    operator: &mut Operator,
) -> Done {
    if requests.processes.is_empty() {
        // Its folders in the workspace are judged each for itself.
        return Ok(());
    }
    let access = workspace_access(requests, grants);
    let Err(unfit) = operator.judge_workspace(workspace, access, protected) else {
        return Ok(());
    };
    let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !terminal || !unfit.can_be_allowed() {
        return Err(operator.workspace_refusal(unfit, workspace));
    }
    let for_good = operator.how_to_expose(workspace);
    question::tell(&format!("the workspace {}\n{for_good}", unfit.message()))?;
    if question::ask("Give it anyway?", &["no", "once, for this run"])? != Some(1) {
        return Err(operator.workspace_refusal(unfit, workspace));
    }
    operator.expose(workspace);
    require_fit_workspace(requests, grants, workspace, protected, operator)
}

/// The same without a question.
pub(crate) fn require_fit_workspace(
    requests: &Requests,
    grants: &GrantSet,
    workspace: &Path,
    protected: &[PathBuf],
    operator: &Operator,
) -> Done {
    if requests.processes.is_empty() {
        return Ok(());
    }
    let access = workspace_access(requests, grants);
    operator
        .judge_workspace(workspace, access, protected)
        .map_err(|unfit| operator.workspace_refusal(unfit, workspace))
}

/// What processes do with the workspace.
pub(crate) fn workspace_access(requests: &Requests, grants: &GrantSet) -> FileAccess {
    let mut processes = requests.processes.iter();
    let asked = processes.any(|request| request.workspace.writes());
    if asked && grants.contains(&Grant::WorkspaceWrite) {
        FileAccess::ReadWrite
    } else {
        FileAccess::Read
    }
}
