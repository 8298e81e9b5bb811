//! Completes words of a command line for a shell. What a capsule has is read from its manifest:
//! nothing is built, and nothing of it runs.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use boll_host::capsule::Manifest;
use boll_host::policy::{Confinement, GrantSet, Permissions};
use clap::Command;
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};
use clap_complete::env::{CompleteEnv, Shells};

use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::project::Project;

/// Names the shell for which words are completed; set by the scripts that [`script`] writes.
pub(crate) const VARIABLE: &str = "BOLL_COMPLETE";

/// The number of the shell's word that is completed.
const INDEX: &str = "_CLAP_COMPLETE_INDEX";

/// How many folders are looked at for capsules.
const FOLDERS: usize = 200;

/// The manifest's file.
const MANIFEST: &str = "Capsule.toml";

/// The whole command line, to parse what was typed.
static COMMAND: OnceLock<fn() -> Command> = OnceLock::new();

/// Completes the words, if a shell started the program for that. Returns whether it did.
pub(crate) fn serve(command: fn() -> Command) -> Done<bool> {
    // Once, at the start of the program.
    let _ = COMMAND.set(command);
    let here = env::current_dir().ok();
    CompleteEnv::with_factory(command)
        .var(VARIABLE)
        .bin("boll")
        .completer("boll")
        .try_complete(env::args_os(), here.as_deref())
        .map_err(|error| {
            let text = error.to_string();
            let text = text.trim().trim_start_matches("error: ");
            Failure::new(Code::Input, format!("cannot complete: {text}"))
                .hint(format!("the variable {VARIABLE} names the shell"))
        })
}

/// Returns the script that has a shell ask this program, as it was called; `None` for an unknown
/// shell.
pub(crate) fn script(shell: &str) -> Option<Done<Vec<u8>>> {
    let shells = Shells::builtins();
    let completer = shells.completer(shell)?;
    let mut script = Vec::new();
    let written = completer.write_registration(VARIABLE, "boll", "boll", &called(), &mut script);
    if shell == "bash" {
        // The function by the name that bash's own completions would give it.
        script.extend_from_slice(b"_boll() { _clap_complete_boll \"$@\"; }\n");
    }
    let commands = COMMAND.get().map(|command| command());
    let names = commands.iter().flat_map(Command::get_subcommands);
    let names: Vec<&str> = names.map(Command::get_name).collect();
    let asks = "# It asks boll, which completes its commands and what capsules list:";
    script.extend_from_slice(format!("{asks} {}.\n", names.join(", ")).as_bytes());
    let written = written.or_fail(Code::Host, || "cannot write the script".to_owned());
    Some(written.map(|()| script))
}

/// Returns this program as a shell calls it: by its name where the search path has it, otherwise
/// by its path.
fn called() -> String {
    let called = env::args_os().next().map(PathBuf::from);
    let named = called.filter(|called| called.components().count() > 1);
    let path = named.and_then(|called| std::path::absolute(called).ok());
    path.map_or_else(|| "boll".to_owned(), |path| path.display().to_string())
}

/// Completes a capsule: its folder, or its manifest.
pub(crate) fn capsule() -> ArgValueCompleter {
    files(|path| path.file_name() == Some(OsStr::new(MANIFEST)))
}

/// Completes a capsule, or a component's file.
pub(crate) fn capsule_or_component() -> ArgValueCompleter {
    files(|path| {
        path.file_name() == Some(OsStr::new(MANIFEST)) || path.extension() == Some("wasm".as_ref())
    })
}

/// Completes folders.
pub(crate) fn folder() -> ArgValueCompleter {
    ArgValueCompleter::new(PathCompleter::dir())
}

/// Completes a file of a payload.
pub(crate) fn payload_file() -> ArgValueCompleter {
    ArgValueCompleter::new(PathCompleter::file().stdio())
}

fn files(is_it: fn(&Path) -> bool) -> ArgValueCompleter {
    ArgValueCompleter::new(PathCompleter::any().filter(move |path| path.is_dir() || is_it(path)))
}

/// Completes the name of an action of the capsule that the line names.
pub(crate) fn action() -> ArgValueCompleter {
    words_of(|line| {
        let actions = line.manifest().map(|manifest| manifest.actions);
        let actions = actions.into_iter().flatten();
        actions
            .map(|action| (action.name, action.description))
            .collect()
    })
}

/// Completes a topic to publish to: one that a capsule of the line, or one below the current
/// folder, subscribes to.
pub(crate) fn topic_to_trigger() -> ArgValueCompleter {
    words_of(|line| {
        let manifests = line.capsules().into_iter().chain(nearby());
        let manifests = manifests.filter_map(|path| Some(Project::open(&path).ok()?.manifest));
        manifests.flat_map(|one| subscribed(&one)).collect()
    })
}

/// Completes a topic of the capsule that the line names.
pub(crate) fn topic() -> ArgValueCompleter {
    words_of(|line| {
        let Some(manifest) = line.manifest() else {
            return Vec::new();
        };
        let publish = manifest.requests.publish.iter();
        let published = publish.map(|request| (request.topic.to_string(), None));
        published.chain(subscribed(&manifest)).collect()
    })
}

/// Completes a program that the capsule of the line asks for.
pub(crate) fn program() -> ArgValueCompleter {
    words_of(|line| {
        let manifest = line.manifest();
        let requests = manifest.into_iter().flat_map(|one| one.requests.processes);
        requests
            .map(|request| (request.program.to_string(), None))
            .collect()
    })
}

/// Completes a grant that the capsule of the line asks for, if it is one word for a shell.
pub(crate) fn grant() -> ArgValueCompleter {
    words_of(|line| {
        let Some(manifest) = line.manifest() else {
            return Vec::new();
        };
        let nothing = GrantSet::default();
        let asked = Permissions::new(&manifest.requests, &nothing).missing(Confinement::Sandboxed);
        let grants = asked.iter().map(|grant| (grant.to_string(), None));
        grants.collect()
    })
}

/// Completes a configuration key of the capsule of the line.
pub(crate) fn config_key() -> ArgValueCompleter {
    words_of(|line| {
        let config = line.manifest().map(|manifest| manifest.config);
        let keys = config.into_iter().flatten();
        keys.map(|(name, _)| (format!("{name}="), None)).collect()
    })
}

/// Returns the topics that a capsule subscribes to, without patterns.
fn subscribed(manifest: &Manifest) -> Vec<Word> {
    let hooks = manifest.requests.subscribe.iter();
    let topics = hooks.map(|hook| (hook.topic.to_string(), Some(hook.action.to_string())));
    topics.collect()
}

/// A word, and what it is.
type Word = (String, Option<String>);

/// Completes with words that depend on the rest of the line.
fn words_of(words: fn(&Line) -> Vec<Word>) -> ArgValueCompleter {
    ArgValueCompleter::new(Words(words))
}

struct Words(fn(&Line) -> Vec<Word>);

impl ValueCompleter for Words {
    fn complete(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let Some(current) = current.to_str() else {
            return Vec::new();
        };
        let mut seen = BTreeSet::new();
        let words = (self.0)(&Line::of_this()).into_iter();
        words
            .filter(|(word, _)| word.starts_with(current) && is_one_word(word))
            .filter(|(word, _)| seen.insert(word.clone()))
            .map(|(word, help)| {
                let help = help.filter(|help| help.chars().all(boll_host::plain::is_plain));
                CompletionCandidate::new(word).help(help.map(Into::into))
            })
            .collect()
    }
}

/// Returns whether a shell takes a text as a word and nothing else: a manifest may be a stranger's,
/// and its texts are put into the user's command line.
fn is_one_word(text: &str) -> bool {
    let plain = |one: char| one.is_ascii_alphanumeric() || "-_./:=@+,".contains(one);
    !text.is_empty() && !text.starts_with('-') && text.chars().all(plain)
}

/// Returns the folders of capsules in the current folder, and that itself.
fn nearby() -> Vec<PathBuf> {
    let below = fs::read_dir(".").into_iter().flatten().flatten();
    let below = below.take(FOLDERS).map(|entry| entry.path());
    std::iter::once(PathBuf::from("."))
        .chain(below)
        .filter(|folder| folder.join(MANIFEST).is_file())
        .collect()
}

/// The words of the line, without the one that is completed.
struct Line(Vec<OsString>);

impl Line {
    /// Returns the line that the shell passes after `--`.
    fn of_this() -> Self {
        let mut words: Vec<OsString> = env::args_os()
            .skip_while(|word| word != "--")
            .skip(1)
            .collect();
        let last = words.len().saturating_sub(1);
        let index = env::var(INDEX).ok().and_then(|index| index.parse().ok());
        let index: usize = index.unwrap_or(last);
        if index < words.len() {
            words.remove(index);
        }
        Self(words)
    }

    /// Returns the paths of the capsules that the line names, as far as it can be parsed yet.
    fn capsules(&self) -> Vec<PathBuf> {
        let Some(command) = COMMAND.get() else {
            return Vec::new();
        };
        let parsed = command().ignore_errors(true).try_get_matches_from(&self.0);
        let Ok(mut matches) = parsed else {
            return Vec::new();
        };
        let mut capsules = Vec::new();
        while let Some((_, below)) = matches.remove_subcommand() {
            for name in ["capsule", "capsules"] {
                let paths = below.try_get_many::<PathBuf>(name).ok().flatten();
                capsules.extend(paths.into_iter().flatten().cloned());
            }
            matches = below;
        }
        capsules
    }

    fn manifest(&self) -> Option<Manifest> {
        let capsule = self.capsules().into_iter().next()?;
        Some(Project::open(&capsule).ok()?.manifest)
    }
}
