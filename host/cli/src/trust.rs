//! Which folders this user agreed to build. A build runs code from the folder: build
//! scripts, Makefiles, plug-ins of the tools. A folder is built once its user has agreed,
//! for the manifest that it has.

mod checkouts;
mod records;

use std::io;
use std::path::{Path, PathBuf};

use boll_host::Digest;

pub(crate) use self::checkouts::{own_checkouts, trusted_checkouts};
use self::records::{Identity, Record, record};
pub(crate) use self::records::{
    component, folders, folders_elsewhere, folders_of, kept_in, own_folders_of, remember,
};
use crate::around::AROUND;
use crate::failure::{Code, Done, Failure};
use crate::home;
use crate::kept::{changeable_in, is_kept, is_mine, leads_to_changeable};
use crate::question::{self, Answer};

/// Whether the user has to be asked before a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    /// The user named the folder to be built.
    Given,
    /// The user named it for something else.
    Ask,
}

impl Consent {
    /// Returns the consent that the flag `--build` gives.
    pub(crate) fn by_flag(build: bool) -> Self {
        if build { Self::Given } else { Self::Ask }
    }
}

/// The purpose for which consent is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Build,
    /// To run the cases of a component that is there already.
    Cases,
}

/// The words in which consent is asked for.
struct Words {
    done: &'static str,
    effect: &'static str,
    question: &'static str,
    /// The hint before the command that does it, and consents.
    to: &'static str,
    command: &'static str,
    flag: Option<&'static str>,
}

impl Purpose {
    fn words(self) -> Words {
        match self {
            Self::Build => Words {
                done: "built",
                effect: "building it runs its own build scripts as you, and they can do \
                         whatever you can",
                question: "Build it?",
                to: "to build it",
                command: "boll build",
                flag: Some("or add --build"),
            },
            Self::Cases => Words {
                done: "tested",
                effect: "its cases let its component do all that its manifest asks for, on the \
                         network too",
                question: "Run its cases?",
                to: "to run them",
                command: "boll test --trust",
                flag: None,
            },
        }
    }
}

/// Asks for a folder that was not consented to before with this manifest; without a
/// terminal, that is refused. `component` is the one that the manifest names. Returns whether the user agreed just now.
pub(crate) fn require(
    folder: &Path,
    manifest: &str,
    component: Option<&Path>,
    purpose: Purpose,
    consent: Consent,
) -> Done<bool> {
    let trusted = is_trusted(folder, manifest);
    let given = consent == Consent::Given;
    if given && !trusted {
        return Ok(true);
    }
    // This looks at the whole folder.
    let others = Others::of(folder, component);
    if trusted && matches!(others, Others::None) {
        return Ok(false);
    }
    if given {
        return Ok(true);
    }
    let (words, shown) = (purpose.words(), folder.display());
    let why = others.why_asked(words.done);
    let mine = matches!(others, Others::None);
    let text = format!("{shown} {why}: {}", words.effect);
    let refusal = || {
        let failure = Failure::new(Code::NotGranted, &*text);
        let name = shlex::try_quote(&folder.to_string_lossy())
            .map_or_else(|_| shown.to_string(), |name| name.into_owned());
        let (to, command) = (words.to, words.command);
        if !mine || !home::keeps_state() {
            // What another command consents to is forgotten before this one comes again.
            let failure = match purpose {
                Purpose::Build => {
                    failure.hint("to build it this once: add --build, or --trust to `boll test`")
                }
                Purpose::Cases => failure,
            };
            return failure.hint(format!("{to} this once:\n{command} {name}"));
        }
        let failure = failure.hint(format!(
            "{to}, and to trust it from then on:\n{command} {name}"
        ));
        match words.flag {
            Some(flag) => failure.hint(flag),
            None => failure,
        }
    };
    if !question::can_ask() {
        return Err(refusal());
    }
    let yes = match mine {
        true => "yes, and whenever its sources change",
        false => "yes, this once",
    };
    let kept = home::state_folder().ok().filter(|_| mine);
    let kept =
        kept.map(|state| format!("\n  \"yes\" is kept in {}", state.join("built").display()));
    question::tell(&format!("{text}{}", kept.unwrap_or_default()))?;
    let answers = [Answer::new('n', "no"), Answer::new('y', yes)];
    match question::ask(words.question, &answers)? {
        Some(1) => Ok(true),
        _ => Err(refusal()),
    }
}

/// Who else may change what is in a folder: consent says nothing about what another user
/// puts there later.
enum Others {
    None,
    /// The owner.
    Owner,
    /// Whoever may change or replace this.
    At(PathBuf),
    /// That cannot be found out.
    Unknown(io::Error),
}

impl Others {
    fn of(folder: &Path, component: Option<&Path>) -> Self {
        if !is_mine(folder) {
            return Self::Owner;
        }
        let outside = component.filter(|path| {
            !path
                .canonicalize()
                .is_ok_and(|real| real.starts_with(folder))
        });
        let outside = outside.map(|path| Ok((leads_to_changeable(path)?, path)));
        match outside.transpose() {
            Ok(Some((true, path))) => return Self::At(path.to_owned()),
            Ok(_) => {}
            Err(error) => return Self::Unknown(error),
        }
        match changeable_in(folder, &AROUND) {
            Ok(None) => Self::None,
            Ok(Some(path)) => Self::At(path),
            Err(error) => Self::Unknown(error),
        }
    }

    /// Returns why the folder is not used without a question.
    fn why_asked(&self, done: &str) -> String {
        match self {
            Self::None => {
                format!("was not {done} here before, or its Capsule.toml has changed since")
            }
            Self::Owner => "belongs to another user, who may change its files".to_owned(),
            Self::At(path) => format!(
                "can be changed by other users of this machine, who may write {}",
                path.display()
            ),
            Self::Unknown(error) => {
                format!("may be changed by other users of this machine: {error}")
            }
        }
    }
}

fn is_trusted(folder: &Path, manifest: &str) -> bool {
    is_consented(record(folder).as_ref(), folder, manifest) || is_own(folder)
}

/// Returns whether a record is about this very folder: another user may have replaced the
/// folder that the consent was for.
fn is_consented(record: Option<&Record>, folder: &Path, manifest: &str) -> bool {
    let digest = Digest::of(manifest.as_bytes()).to_string();
    let identity = Identity::of(folder).ok();
    record.is_some_and(|record| {
        record.manifest == digest && identity.is_some() && record.identity == identity
    }) && is_mine(folder)
}

/// Returns whether a folder is part of the checkout that this program was built from: a
/// user who runs the program has run that checkout's build scripts.
fn is_own(folder: &Path) -> bool {
    let checkouts = trusted_checkouts();
    let inside = checkouts.iter().any(|own| {
        folder
            .strip_prefix(own)
            .is_ok_and(|inside| !inside.starts_with("target"))
    });
    inside && is_kept(folder)
}

#[cfg(test)]
mod tests;
