//! What an operator grants, and the one notation for it.

use std::fmt;
use std::str::FromStr;

use super::words::{quote, split};
use super::{
    ArgsPattern, Endpoint, FileAccess, FilesGrant, InterfaceName, InvalidEndpoint,
    InvalidInterface, InvalidTopic, ProgramName, TopicPattern,
};

/// One grant. Its text is the same on the command line, in the operator's file
/// and in messages:
///
/// | text | allows |
/// |---|---|
/// | `process:git` | git with any arguments that the manifest asks for |
/// | `process:git log **` | of these, only the ones that start with `log` |
/// | `workspace:write` | processes to write to the workspace, where the manifest asks for it |
/// | `workspace:git` | processes to write git's own data there, which runs code on the host, where the manifest asks for it |
/// | `network:host` | processes to use the host's network, where the manifest asks for it |
/// | `files:/data` | reading below `/data`, where the manifest asks for it |
/// | `files:/data /srv/data` | the same, where the host calls it `/srv/data` |
/// | `files-write:/data` | writing there, too |
/// | `network:api.example.com:443` | connecting to that port of that host, where the manifest asks for it |
/// | `network:*.example.com:*` | the same for any port of all hosts below `example.com` |
/// | `sandbox:none` | processes to start without a sandbox, where the host has none |
/// | `publish:git.*` | publishing to these topics, as far as the manifest asks for it |
/// | `subscribe:git.**` | being told of these topics, as far as the manifest subscribes |
/// | `interface:acme:keyvalue/store` | using this interface of the embedder's own, where the manifest asks for it |
///
/// ```
/// use boll_host::policy::Grant;
///
/// let grant: Grant = "process:git log **".parse()?;
/// assert_eq!(grant.to_string(), "process:git log **");
/// assert_eq!(grant.capability(), "process:git");
/// # Ok::<(), boll_host::policy::InvalidGrant>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
#[non_exhaustive]
pub enum Grant {
    /// Starting a program.
    Process {
        /// The program.
        program: ProgramName,
        /// The arguments that it may be started with.
        args: ArgsPattern,
    },
    /// Writing to the workspace.
    WorkspaceWrite,
    /// Writing git's own data in the workspace.
    WorkspaceGit,
    /// Using the host's network.
    NetworkHost,
    /// Reading, or writing too, below a folder.
    Files(FilesGrant),
    /// Connecting to hosts.
    Network(Endpoint),
    /// Starting processes without a sandbox. No manifest asks for it: whether
    /// it is needed is a fact about the host.
    SandboxNone,
    /// Publishing to topics.
    Publish(TopicPattern),
    /// Being told what is published to topics.
    Subscribe(TopicPattern),
    /// Using an interface of the embedder's own.
    Interface(InterfaceName),
}

/// Why a text is no grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a grant: {reason}", crate::plain::quoted(.text))]
pub struct InvalidGrant {
    text: String,
    reason: String,
}

impl Grant {
    /// Returns the name of the capability that this grants, without its scope.
    #[must_use]
    pub fn capability(&self) -> String {
        match self {
            Self::Process { program, .. } => format!("process:{program}"),
            Self::Files(grant) => grant.capability(),
            other => other.to_string(),
        }
    }

    /// Returns what it lets a capsule do, for whoever is asked for it.
    #[must_use]
    pub fn effect(&self) -> String {
        match self {
            Self::Process { program, .. } => format!("starts {program}"),
            Self::Files(grant) => grant.effect(),
            Self::Network(endpoint) => endpoint.effect(),
            Self::WorkspaceWrite => "writes to the workspace".to_owned(),
            Self::WorkspaceGit => {
                "writes git's own data in the workspace: its hooks, filters and settings run code \
                 on the host when git is used there"
                    .to_owned()
            }
            Self::NetworkHost => {
                "reaches everything that the host reaches, its loopback services too".to_owned()
            }
            Self::SandboxNone => {
                "starts processes without a sandbox: they reach all that the host's user reaches"
                    .to_owned()
            }
            Self::Publish(topic) => format!("publishes to {topic}"),
            Self::Subscribe(topic) => {
                format!("receives what is published to {topic}, and may change or deny it")
            }
            Self::Interface(name) => format!("uses {name}, an interface of the host's program"),
        }
    }

    fn parse_process(words: &str) -> Result<Self, String> {
        let mut words = split(words)?.into_iter();
        let program = words.next().ok_or("`process:` names no program")?;
        let program = ProgramName::try_from(program).map_err(|error| error.to_string())?;
        let args: Vec<String> = words.collect();
        let args = if args.is_empty() {
            ArgsPattern::any()
        } else {
            ArgsPattern::try_from(args).map_err(|error| error.to_string())?
        };
        Ok(Self::Process { program, args })
    }
}

fn parse_topic(text: &str) -> Result<TopicPattern, String> {
    text.parse()
        .map_err(|error: InvalidTopic| error.to_string())
}

impl FromStr for Grant {
    type Err = InvalidGrant;

    fn from_str(text: &str) -> Result<Self, InvalidGrant> {
        let parsed = match text.split_once(':') {
            Some(("process", words)) => Self::parse_process(words),
            Some(("files", words)) => FilesGrant::parse(FileAccess::Read, words).map(Self::Files),
            Some(("files-write", words)) => {
                FilesGrant::parse(FileAccess::ReadWrite, words).map(Self::Files)
            }
            Some(("workspace", "write")) => Ok(Self::WorkspaceWrite),
            Some(("workspace", "git")) => Ok(Self::WorkspaceGit),
            Some(("network", "host")) => Ok(Self::NetworkHost),
            Some(("network", endpoint)) => endpoint
                .parse()
                .map(Self::Network)
                .map_err(|error: InvalidEndpoint| error.to_string()),
            Some(("sandbox", "none")) => Ok(Self::SandboxNone),
            Some(("publish", topic)) => parse_topic(topic).map(Self::Publish),
            Some(("subscribe", topic)) => parse_topic(topic).map(Self::Subscribe),
            Some(("interface", name)) => name
                .parse()
                .map(Self::Interface)
                .map_err(|error: InvalidInterface| error.to_string()),
            _ => Err(
                "grants are `process:PROGRAM [ARGS]`, `files:PATH [PLACE]`, \
                 `files-write:PATH [PLACE]`, `network:HOST:PORT`, `workspace:write`, \
                 `workspace:git`, `network:host`, `sandbox:none`, `publish:TOPIC`, \
                 `subscribe:TOPIC` and `interface:NAME`"
                    .to_owned(),
            ),
        };
        parsed.map_err(|reason| InvalidGrant {
            text: text.to_owned(),
            reason,
        })
    }
}

impl TryFrom<String> for Grant {
    type Error = InvalidGrant;

    fn try_from(text: String) -> Result<Self, InvalidGrant> {
        text.parse()
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process { program, args } if args.is_any() => {
                write!(f, "process:{}", quote(program.as_str()))
            }
            Self::Process { program, args } => {
                write!(f, "process:{} {args}", quote(program.as_str()))
            }
            Self::Files(grant) => grant.fmt(f),
            Self::Network(endpoint) => write!(f, "network:{endpoint}"),
            Self::WorkspaceWrite => f.write_str("workspace:write"),
            Self::WorkspaceGit => f.write_str("workspace:git"),
            Self::NetworkHost => f.write_str("network:host"),
            Self::SandboxNone => f.write_str("sandbox:none"),
            Self::Publish(topic) => write!(f, "publish:{topic}"),
            Self::Subscribe(topic) => write!(f, "subscribe:{topic}"),
            Self::Interface(name) => write!(f, "interface:{name}"),
        }
    }
}

/// Everything that an operator grants to one capsule. Empty by default.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(transparent)]
pub struct GrantSet(Vec<Grant>);

impl GrantSet {
    /// Returns the grants in the order in which they were given.
    pub fn iter(&self) -> impl Iterator<Item = &Grant> {
        self.0.iter()
    }

    /// Returns whether nothing is granted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether this very grant is among them.
    #[must_use]
    pub fn contains(&self, grant: &Grant) -> bool {
        self.0.contains(grant)
    }
}

impl FromIterator<Grant> for GrantSet {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        Self(grants.into_iter().collect())
    }
}

impl Extend<Grant> for GrantSet {
    fn extend<I: IntoIterator<Item = Grant>>(&mut self, grants: I) {
        self.0.extend(grants);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_survives_its_text() {
        for text in [
            "process:git",
            "process:git log **",
            "process:git -c safe.directory=/workspace log **",
            "process:/usr/bin/env * FOO=bar",
            "process:printf 'two words' **",
            "workspace:write",
            "workspace:git",
            "network:host",
            "sandbox:none",
            "publish:git.*",
            "subscribe:**",
            "network:api.example.com:443",
            "network:*.example.com:*",
            "network:[::1]:80",
            "network:host:443",
            "files:/data",
            "files-write:/data/a.b",
            "files:/data /srv/data",
            "files-write:'/my data' '/srv/my data'",
            "files:/out /workspace/out",
            "files:/workspace",
            "interface:acme:key-value2/store",
            "interface:wasi:keyvalue/store",
        ] {
            let grant: Grant = text.parse().expect(text);
            assert_eq!(grant.to_string(), text);
        }
    }

    #[test]
    fn a_malformed_grant_says_why() {
        for (text, reason) in [
            ("git", "grants are"),
            ("files:x", "not a path in its plain form"),
            ("files:", "names a folder"),
            ("files:/", "the whole machine"),
            ("files:/a /", "the whole machine"),
            ("files:/a/../b", "not a path"),
            ("files:/a//b", "not a path"),
            ("files:/a/", "not a path"),
            ("files:/a/.", "not a path"),
            ("files:/a*", "not a path"),
            ("files:'/a\u{1b}[2J'", "U+001B"),
            ("files:/a /b /c", "names a folder"),
            ("files:/a '", "not closed"),
            ("files:/workspace/a /b", "is the workspace"),
            ("file:/a", "grants are"),
            ("workspace:read", "grants are"),
            ("workspace:git ", "grants are"),
            ("network:none", "is not HOST:PORT"),
            ("sandbox:none please", "grants are"),
            ("publish:", "no segment"),
            ("subscribe:a.**.b", "at the end"),
            ("process:", "names no program"),
            ("process:./git", "bare name, or an absolute path"),
            ("process:*", "names no program"),
            ("process:a\u{1b}[2Jb", "U+001B"),
            ("process:git '\u{1b}[2J'", "U+001B"),
            ("process:git '", "not closed"),
            ("process:echo #harmless", "`#`"),
            ("process:echo '*'", "a quoted `*`"),
            ("process:echo ", "a space"),
            ("process: echo", "a space"),
            ("process:echo\nrm", "U+000A"),
            ("process:g\u{456}t", "not ASCII"),
            ("files:/data #/srv/data", "`#`"),
            ("files:/data\t/srv/data", "U+0009"),
            ("files:/data ", "a space"),
            ("workspace:write ", "grants are"),
            ("Process:git", "grants are"),
            ("network:host ", "is not HOST:PORT"),
            ("network:host #:443", "is not the name"),
            ("publish:a #b", "segment"),
            ("process:git ** log", "at the end"),
            ("interface:", "not the name of an interface"),
            ("interface:acme", "not the name of an interface"),
            ("interface:acme:store", "not the name of an interface"),
            ("interface:acme:a/b/c", "not the name of an interface"),
            ("interface:acme:a/-b", "not the name of an interface"),
            ("interface:acme:*/store", "not the name of an interface"),
            ("interface:acme:a/b ", "not the name of an interface"),
            ("interface:acme:a/b@1.0.0", "has a version"),
            ("interface:boll:log/log", "of the contract"),
        ] {
            let error = text.parse::<Grant>().expect_err(text).to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
