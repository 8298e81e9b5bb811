//! Case files as they are written. Nothing is checked beyond keys and types.

use std::collections::BTreeMap;
use std::path::PathBuf;

use boll_host::document::Whole;
use boll_host::policy::{AbsolutePath, ArgsPattern, TopicPattern};
use boll_host::sandbox::LaunchStep;
use serde::Deserialize;
use toml::Spanned;

use super::ProcessMode;
use crate::output::Level;

/// One file.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    #[serde(default)]
    pub(super) case: Vec<Spanned<RawCase>>,
}

/// One `[[case]]`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawCase {
    pub(super) name: Spanned<String>,
    pub(super) action: Option<Spanned<String>>,
    pub(super) topic: Option<Spanned<String>>,
    pub(super) payload: Option<Spanned<String>>,
    pub(super) payload_json: Option<Spanned<toml::Value>>,
    pub(super) payload_file: Option<Spanned<PathBuf>>,
    pub(super) principal: Option<String>,
    #[serde(default)]
    pub(super) config: BTreeMap<Spanned<String>, Spanned<toml::Value>>,
    pub(super) grants: Option<Vec<Spanned<String>>>,
    pub(super) workspace: Option<Spanned<PathBuf>>,
    #[serde(default)]
    pub(super) files: BTreeMap<Spanned<AbsolutePath>, Spanned<PathBuf>>,
    pub(super) timeout_ms: Option<Whole>,
    pub(super) processes: Option<ProcessMode>,
    #[serde(default)]
    pub(super) process: Vec<Spanned<RawProcess>>,
    #[serde(default)]
    pub(super) hook: Vec<Spanned<RawHook>>,
    #[serde(default)]
    pub(super) expect: RawExpect,
}

/// One `[[case.process]]`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawProcess {
    pub(super) program: Spanned<String>,
    #[serde(default = "ArgsPattern::any")]
    pub(super) args: ArgsPattern,
    pub(super) times: Option<Whole>,
    #[serde(default)]
    pub(super) missing: bool,
    pub(super) stdout: Option<Spanned<String>>,
    pub(super) stdout_file: Option<Spanned<PathBuf>>,
    pub(super) stderr: Option<Spanned<String>>,
    pub(super) stderr_file: Option<Spanned<PathBuf>>,
    #[serde(default)]
    pub(super) talk: Vec<RawExchange>,
    #[serde(default)]
    pub(super) stays: bool,
    pub(super) starts_after_ms: Option<u32>,
    pub(super) exit: Option<Spanned<u8>>,
    pub(super) signal: Option<Spanned<u8>>,
    pub(super) launch_failed: Option<Spanned<RawLaunchFailure>>,
}

/// `launch-failed` of a process.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLaunchFailure {
    #[serde(with = "RawLaunchStep")]
    pub(super) step: LaunchStep,
    pub(super) errno: i32,
}

/// How a case names the steps on the way to a running program.
#[derive(Deserialize)]
#[serde(remote = "LaunchStep", rename_all = "kebab-case")]
enum RawLaunchStep {
    Sandbox,
    Cwd,
    Limits,
    Filter,
    Exec,
}

/// One `[[case.process.talk]]`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExchange {
    pub(super) reads: String,
    #[serde(default)]
    pub(super) prints: String,
}

/// One `[[case.hook]]`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawHook {
    pub(super) topic: TopicPattern,
    pub(super) capsule: Option<Spanned<String>>,
    pub(super) priority: Option<i32>,
    pub(super) payload: Option<Spanned<String>>,
    pub(super) payload_json: Option<Spanned<toml::Value>>,
    pub(super) payload_file: Option<Spanned<PathBuf>>,
    pub(super) r#continue: Option<Spanned<String>>,
    pub(super) continue_json: Option<Spanned<toml::Value>>,
    pub(super) continue_file: Option<Spanned<PathBuf>>,
    pub(super) r#final: Option<Spanned<String>>,
    pub(super) final_json: Option<Spanned<toml::Value>>,
    pub(super) final_file: Option<Spanned<PathBuf>>,
    pub(super) deny: Option<Spanned<String>>,
    pub(super) failed: Option<Spanned<String>>,
}

/// `[case.expect]`.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawExpect {
    pub(super) reply: Option<Spanned<String>>,
    pub(super) reply_json: Option<Spanned<toml::Value>>,
    pub(super) reply_file: Option<Spanned<PathBuf>>,
    pub(super) r#final: Option<Spanned<String>>,
    pub(super) final_json: Option<Spanned<toml::Value>>,
    pub(super) final_file: Option<Spanned<PathBuf>>,
    pub(super) denied: Option<Spanned<RawText>>,
    pub(super) failed: Option<Spanned<RawText>>,
    pub(super) invalid_payload: Option<Spanned<RawText>>,
    pub(super) unknown_action: Option<Spanned<RawText>>,
    pub(super) trapped: Option<Spanned<RawText>>,
    pub(super) timed_out: Option<Spanned<bool>>,
    #[serde(default)]
    pub(super) log: Vec<Spanned<RawLine>>,
    #[serde(default)]
    pub(super) denials: Vec<String>,
}

/// A text that is expected.
#[derive(Clone, Deserialize)]
#[serde(
    untagged,
    expecting = "this is a text, `true` for any, or { contains = \"TEXT\" }"
)]
pub(super) enum RawText {
    Any(bool),
    Whole(String),
    Part(RawPart),
}

/// A part of a text.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPart {
    pub(super) contains: String,
}

/// One of `log`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLine {
    pub(super) level: Option<Level>,
    pub(super) message: Spanned<RawText>,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, Spanned<toml::Value>>,
}
