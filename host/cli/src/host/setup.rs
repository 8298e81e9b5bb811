//! How capsules come into a host: prepare, ask, build. Everything that can be judged
//! early is judged before the user is asked, and everything that the manifests ask for
//! before anything is built.

use std::collections::BTreeSet;
use std::path::PathBuf;

use boll_host::capsule::CapsuleId;
use boll_host::policy::{Confinement, Grant, Permissions};
use boll_host::sandbox::Sandbox;
use boll_host::services::log::LogSettings;
use boll_host::{Digest, RuntimeBuilder};

use super::Host;
use super::workspace::FolderJudge;
use crate::args::HostArgs;
use crate::failure::{Code, Done, Failure};
use crate::git_settings;
use crate::grants::{Applicant, ask_for_missing, useless, with_missing};
use crate::home;
use crate::log_sink::ProgramSink;
use crate::mend::mend;
use crate::operator::Operator;
use crate::prepared::{GivenComponent, GrantedCapsule, Wanted};
use crate::protected;
use crate::question::{self, Answer};
use crate::report::reporter::Reporter;
use crate::session;
use crate::trust::Consent;

/// Sets up a host for capsules, with `config` for the one that is called.
pub(crate) fn set_up(
    wanted: Vec<Wanted>,
    operator: &mut Operator,
    host: &HostArgs,
    config: &[(String, String)],
    reporter: &Reporter,
) -> Done<Host> {
    let around = Around {
        operator,
        host,
        config,
        reporter,
    };
    Setup::prepare(wanted, around)?.ask()?.build()
}

/// The surroundings of capsules: everything except their own files.
struct Around<'a> {
    operator: &'a mut Operator,
    host: &'a HostArgs,
    config: &'a [(String, String)],
    reporter: &'a Reporter,
}

/// The place where capsules run.
struct Site {
    workspace: PathBuf,
    /// Paths that nobody may write there.
    protected: Vec<PathBuf>,
    /// `None` if no capsule runs processes.
    sandbox: Option<Sandbox>,
}

/// Capsules that are to be loaded. The user has not been asked for anything yet.
struct Setup<'a> {
    around: Around<'a>,
    site: Site,
    applicants: Vec<Applicant>,
}

/// Capsules that are granted all that their manifests ask for. Nothing is built yet.
struct Allowed<'a>(Setup<'a>);

impl<'a> Setup<'a> {
    /// Prepares the capsules: what they run in, and what they are granted already.
    fn prepare(wanted: Vec<Wanted>, around: Around<'a>) -> Done<Self> {
        check_named(&wanted, around.host)?;
        let workspace = session::workspace(around.host.workspace.as_deref())?;
        around.operator.in_workspace(&workspace);
        let Around { operator, host, .. } = &around;
        let protected = protected::of(wanted.iter().map(|one| &one.project))?;
        let processes = |one: &Wanted| !one.requests().processes.is_empty();
        let sandbox = wanted
            .iter()
            .any(processes)
            .then(|| session::sandbox(&workspace, operator, &protected))
            .transpose()?;
        let site = Site {
            workspace,
            protected,
            sandbox,
        };
        let confinement = site.confinement();
        let applicants = wanted
            .into_iter()
            .map(|one| applicant(one, host, operator, confinement));
        Ok(Self {
            applicants: applicants.collect::<Done<_>>()?,
            site,
            around,
        })
    }

    /// Asks on a terminal for missing grants, and for a workspace that exposes much;
    /// elsewhere that is refused.
    fn ask(mut self) -> Done<Allowed<'a>> {
        let (operator, site) = (&mut *self.around.operator, &self.site);
        for one in &self.applicants {
            check_workspace_can_fit(one, site, operator)?;
        }
        ask_for_missing(self.applicants.iter_mut(), operator, site.sandbox.as_ref())?;
        for one in &self.applicants {
            ask_for_workspace(one, site, operator)?;
            let judge = site.judge(operator);
            judge.require_folders(one.wanted.requests(), &one.granted)?;
        }
        Ok(Allowed(self))
    }
}

impl Allowed<'_> {
    /// Builds the components, and the host with them. Asks, then, for a folder that was
    /// not built before, and for grants if the operator's are for another component than
    /// the one that was built.
    fn build(self) -> Done<Host> {
        let Setup {
            around,
            site,
            applicants,
        } = self.0;
        let Around {
            operator,
            host,
            config,
            reporter,
        } = around;
        let consent = Consent::by_flag(host.build);
        let built = applicants.into_iter().map(|applicant| {
            let component = applicant.wanted.build(operator, consent, reporter)?;
            Done::Ok(Built::new(applicant, component, host))
        });
        let mut capsules: Vec<Built> = built.collect::<Done<_>>()?;
        let applicants = capsules.iter_mut().map(|one| &mut one.applicant);
        ask_for_missing(applicants, operator, site.sandbox.as_ref())?;
        for Built {
            applicant,
            component,
        } in &capsules
        {
            keep(operator, applicant, component.component.digest)?;
        }
        let (mut ready, mut written) = (Vec::new(), BTreeSet::new());
        for one in capsules {
            let prepared = one.prepared();
            written.extend(prepared.written(&site.workspace));
            ready.push(prepared.ready(operator, &site.workspace, &site.protected, config)?);
        }
        let builder = builder(operator, host, &written, site)?;
        Ok(Host::new(builder, ready, reporter.clone()))
    }
}

impl Site {
    fn judge<'a>(&'a self, operator: &'a Operator) -> FolderJudge<'a> {
        FolderJudge {
            operator,
            workspace: &self.workspace,
            protected: &self.protected,
        }
    }

    fn confinement(&self) -> Confinement {
        let sandbox = self.sandbox.as_ref();
        sandbox.map_or(Confinement::Sandboxed, Sandbox::confinement)
    }
}

/// A capsule that is built, and may lack grants again.
struct Built {
    applicant: Applicant,
    component: GivenComponent,
}

impl Built {
    /// Applies for grants once more, with what this component of the capsule is given.
    fn new(mut applicant: Applicant, component: GivenComponent, host: &HostArgs) -> Self {
        let mut granted = component.given.grants();
        granted.extend(allowed(&applicant.wanted, host));
        granted.extend(applicant.answered.iter().cloned());
        applicant.granted = granted;
        applicant.digest = Some(component.component.digest);
        applicant.stale.clone_from(&component.given.stale);
        Self {
            applicant,
            component,
        }
    }

    fn prepared(self) -> GrantedCapsule {
        GrantedCapsule {
            wanted: self.applicant.wanted,
            component: self.component,
            grants: self.applicant.granted,
        }
    }
}

/// Writes down what the user allowed for good. Where that fails, it still holds for this run.
fn keep(operator: &Operator, applicant: &Applicant, digest: Digest) -> Done {
    let manifest = &applicant.wanted.project.manifest;
    let folder = operator.workspace();
    for (folder, grants) in [(None, &applicant.for_good), (folder, &applicant.for_folder)] {
        if grants.is_empty() {
            continue;
        }
        if let Err(failure) = operator.add(manifest, digest, folder, grants) {
            let text = format!("{}: the answer holds for this run only", failure.message());
            let lines = operator.how_to_allow(manifest, Some(digest), grants);
            let mends = failure.hints().iter().cloned();
            let lines: Vec<String> = [text].into_iter().chain(mends).chain([lines]).collect();
            question::tell(&lines.join("\n"))?;
        }
    }
    Ok(())
}

/// Returns the grants of the command line to a capsule.
fn allowed(wanted: &Wanted, host: &HostArgs) -> impl Iterator<Item = Grant> {
    let allowed = host.allow.iter().filter(|allow| match &allow.capsule {
        None => wanted.main,
        Some(capsule) => capsule == wanted.id(),
    });
    allowed.map(|allow| allow.grant.clone())
}

/// Returns a capsule before anything is built. Grants to one component count as if that
/// component were the one to be built.
fn applicant(
    wanted: Wanted,
    host: &HostArgs,
    operator: &Operator,
    confinement: Confinement,
) -> Done<Applicant> {
    let manifest = &wanted.project.manifest;
    // Errors in its configuration are reported before anything is asked.
    operator.given(manifest, None)?;
    let allowed_here: Vec<Grant> = allowed(&wanted, host).collect();
    for grant in useless(manifest, &allowed_here, confinement) {
        tracing::warn!(
            "--allow \"{grant}\" changes nothing: {} asks for nothing that it allows",
            manifest.id
        );
    }
    let mut granted = operator.expected_grants(&manifest.id);
    granted.extend(allowed_here);
    // The existing component is read only if the result depends on it.
    let permissions = Permissions::new(&manifest.requests, &granted);
    let lacks = !permissions.missing(confinement).is_empty();
    let may_not_fit = manifest.component.is_none() && operator.is_pinned(&manifest.id);
    let digest = match lacks || may_not_fit {
        true => wanted.digest()?,
        false => None,
    };
    let stale = match digest {
        Some(digest) => operator.stale(manifest, digest),
        None => None,
    };
    // If the component is known, it is known whether the grants fit it.
    if stale.is_some() {
        granted = allowed(&wanted, host).collect();
    }
    Ok(Applicant {
        wanted,
        digest,
        stale,
        granted,
        answered: Vec::new(),
        for_good: Vec::new(),
        for_folder: Vec::new(),
    })
}

/// Refuses a workspace that no grant makes fit: nobody is asked for grants that would not
/// help.
fn check_workspace_can_fit(applicant: &Applicant, site: &Site, operator: &Operator) -> Done {
    let manifest = &applicant.wanted.project.manifest;
    let all = with_missing(manifest, &applicant.granted, site.confinement());
    let judge = site.judge(operator);
    match judge.workspace(&manifest.requests, &all) {
        Err(unfit) if !unfit.can_be_allowed() => Err(judge.refusal(unfit)),
        _ => Ok(()),
    }
}

/// Judges the workspace if a capsule or its processes can see it. On a terminal, the user
/// is asked about one that exposes much.
fn ask_for_workspace(applicant: &Applicant, site: &Site, operator: &mut Operator) -> Done {
    let (requests, grants) = (applicant.wanted.requests(), &applicant.granted);
    let workspace = &site.workspace;
    let judge = site.judge(operator);
    let Err(unfit) = judge.workspace(requests, grants) else {
        return Ok(());
    };
    if !question::can_ask() || !unfit.can_be_allowed() {
        return Err(judge.refusal(unfit));
    }
    let for_good = operator.how_to_expose(workspace);
    question::tell(&format!("the workspace {}\n{for_good}", unfit.message()))?;
    let answers = [
        Answer::new('n', "no"),
        Answer::new('o', "once, for this run"),
    ];
    if question::ask("Allow it anyway?", &answers)? != Some(1) {
        return Err(judge.refusal(unfit));
    }
    operator.expose(workspace);
    site.judge(operator).require_workspace(requests, grants)
}

/// Rejects grants to a capsule that is not loaded: the user means another one.
fn check_named(capsules: &[Wanted], host: &HostArgs) -> Done {
    let ids = || capsules.iter().map(Wanted::id);
    let mut named = host.allow.iter().filter_map(|allow| allow.capsule.as_ref());
    let Some(unknown) = named.find(|named| !ids().any(|id| id == *named)) else {
        let nameless = host.allow.iter().find(|allow| allow.capsule.is_none());
        return match nameless {
            Some(allow) if !capsules.iter().any(|one| one.main) => Err(Failure::new(
                Code::Input,
                format!("--allow \"{}\" names no capsule", allow.grant),
            )
            .hint("write it as --allow 'CAPSULE=GRANT'")),
            _ => Ok(()),
        };
    };
    let ids: Vec<&str> = ids().map(CapsuleId::as_str).collect();
    Err(Failure::new(
        Code::Input,
        format!("--allow names the capsule `{unknown}`, which is not loaded"),
    )
    .hint(format!("loaded capsules: {}", ids.join(", "))))
}

fn builder(
    operator: &Operator,
    host: &HostArgs,
    written: &BTreeSet<PathBuf>,
    site: Site,
) -> Done<RuntimeBuilder> {
    let log = LogSettings {
        level: host.log_level.into(),
        rate: operator.log_rate(),
        ..LogSettings::default()
    };
    let files = operator.log_files(&site.workspace)?;
    let sink = ProgramSink::new(host.log_format).files(files)?;
    session::raise_descriptor_limit();
    let builder = session::builder(log, sink)?
        .limits(operator.limits())
        .workspace(&site.workspace)
        .git(git_settings::of_users(
            written.iter().map(PathBuf::as_path),
            operator.others(),
        )?);
    let builder = match home::state_folder() {
        Ok(folder) => {
            if let Some(mend) = mend(&folder).filter(|_| !home::keeps_state()) {
                tracing::warn!("nothing can be remembered: {mend}");
            }
            builder.records(folder.join("installed"))
        }
        Err(failure) => {
            tracing::warn!("installed capsules are not recorded: {}", failure.message());
            builder
        }
    };
    let Some(sandbox) = site.sandbox else {
        return Ok(builder);
    };
    session::require_working(&sandbox)?;
    Ok(builder.sandbox(sandbox).processes(operator.processes()))
}
