//! Folders: what a manifest asks for, what a grant gives, and what comes of the
//! two.
//!
//! A manifest names a folder as the capsule sees it. Where that is on the host
//! is the operator's matter, and stands in the grant.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use super::{
    Decision, Denial, DenialReason, Grant, Held, MatchedRequest, Permissions, Rule, is_plain, quote,
};

/// What capsules call the workspace, in folders as in commands.
pub const WORKSPACE: &str = "/workspace";

/// An absolute path in one form: no `.`, no `..`, no `//`, no `/` at its end,
/// nothing that a terminal would not show as it is, and not `/` itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct AbsolutePath(String);

/// Why a text is no such path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPath {
    /// It has another form.
    #[error(
        "`{}` is not a path in its plain form: absolute, without `.`, `..`, `*` and `//`, \
         at most {MAX_PATH} bytes",
        crate::plain::quoted(.0)
    )]
    Form(String),
    /// It is `/`.
    #[error("`/` is the whole machine: name the folder in it that is needed")]
    Root,
}

/// The longest path, in bytes.
const MAX_PATH: usize = 4096;

impl AbsolutePath {
    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What of `other` lies below this path, without a `/` before it; empty for
    /// the path itself, `None` for what lies elsewhere.
    #[must_use]
    pub fn rest_of<'p>(&self, other: &'p Self) -> Option<&'p str> {
        let rest = other.0.strip_prefix(&self.0)?;
        if rest.is_empty() {
            Some(rest)
        } else {
            rest.strip_prefix('/')
        }
    }

    /// Whether `other` is this path or lies below it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.rest_of(other).is_some()
    }

    /// The path inside the workspace, without a `/` before it; `None` for one of
    /// the host.
    #[must_use]
    pub fn in_workspace(&self) -> Option<&str> {
        let rest = self.0.strip_prefix(WORKSPACE)?;
        if rest.is_empty() {
            Some(rest)
        } else {
            rest.strip_prefix('/')
        }
    }

    fn join(&self, rest: &str) -> Self {
        if rest.is_empty() {
            self.clone()
        } else {
            Self(format!("{}/{rest}", self.0))
        }
    }
}

impl TryFrom<String> for AbsolutePath {
    type Error = InvalidPath;

    fn try_from(text: String) -> Result<Self, InvalidPath> {
        if text == "/" {
            return Err(InvalidPath::Root);
        }
        let names = text.strip_prefix('/').map(|rest| rest.split('/'));
        let names = names.is_some_and(|mut names| {
            names.all(|name| !name.is_empty() && name != "." && name != "..")
        });
        let plain = is_plain(&text) && !text.contains('*') && text.trim() == text;
        if names && plain && text.len() <= MAX_PATH {
            Ok(Self(text))
        } else {
            Err(InvalidPath::Form(text))
        }
    }
}

impl fmt::Display for AbsolutePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is done with the files below a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileAccess {
    /// They are read.
    #[default]
    Read,
    /// They are read, written, made and removed.
    ReadWrite,
}

impl FileAccess {
    /// What the names of its capabilities begin with.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Read => "files",
            Self::ReadWrite => "files-write",
        }
    }
}

/// One `[[files]]` of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesRequest {
    /// The folder, as the capsule sees it.
    pub path: AbsolutePath,
    /// What it does there.
    #[serde(default)]
    pub access: FileAccess,
    /// The line of the manifest where it begins, counted from 1; `None` when it
    /// was not read from one.
    #[serde(skip)]
    pub line: Option<usize>,
}

impl FilesRequest {
    /// The narrowest grant that allows this, for a folder that is called the
    /// same on the host.
    #[must_use]
    pub fn as_grant(&self) -> Grant {
        Grant::Files(FilesGrant {
            path: self.path.clone(),
            access: self.access,
            at: None,
        })
    }
}

/// A granted folder with all that is below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilesGrant {
    /// The folder, as the capsule sees it.
    pub path: AbsolutePath,
    /// What may be done there.
    pub access: FileAccess,
    /// Where it is on the host, or in the workspace; `None` where it is called
    /// the same.
    pub at: Option<AbsolutePath>,
}

impl FilesGrant {
    /// Reads what stands after the kind of the grant.
    pub(super) fn parse(access: FileAccess, words: &str) -> Result<Self, String> {
        let words = super::words::split(words)?;
        let path =
            |text: &String| AbsolutePath::try_from(text.clone()).map_err(|error| error.to_string());
        let (path, at) = match words.as_slice() {
            [one] => (path(one)?, None),
            [one, at] => (path(one)?, Some(path(at)?)),
            _ => return Err("it names a folder and, where that differs, its place".to_owned()),
        };
        if at.is_some() && path.in_workspace().is_some() {
            return Err(format!("`{WORKSPACE}` is the workspace, and nowhere else"));
        }
        Ok(Self { path, access, at })
    }

    pub(super) fn capability(&self) -> String {
        format!("{}:{}", self.access.kind(), self.path)
    }

    pub(super) fn effect(&self) -> String {
        let place = self.at.as_ref().unwrap_or(&self.path);
        match self.access {
            FileAccess::Read => format!("reads all files below {place}"),
            FileAccess::ReadWrite => format!("reads and writes all files below {place}"),
        }
    }

    /// Where a folder is on the host, or in the workspace; `None` when this does
    /// not cover it.
    fn place_of(&self, path: &AbsolutePath) -> Option<AbsolutePath> {
        let rest = self.path.rest_of(path)?;
        Some(self.at.as_ref().unwrap_or(&self.path).join(rest))
    }
}

impl fmt::Display for FilesGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, path) = (self.access.kind(), quote(self.path.as_str()));
        write!(f, "{kind}:{path}")?;
        match &self.at {
            None => Ok(()),
            Some(at) => write!(f, " {}", quote(at.as_str())),
        }
    }
}

/// A folder that a capsule has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder<'a> {
    /// The request that it comes from, with its name in the capsule.
    pub request: MatchedRequest<'a, FilesRequest>,
    /// The grant that gives it.
    pub rule: Rule<'a>,
    /// What may be done there: the less of what is asked for and granted.
    pub access: FileAccess,
    /// Where it is on the host, or in the workspace.
    pub place: AbsolutePath,
}

impl<'a> Permissions<'a> {
    /// The folders that the capsule has, in the manifest's order.
    #[must_use]
    pub fn folders(&self) -> Vec<Folder<'a>> {
        let granted = self.granted_folders();
        MatchedRequest::each(&self.requests.files)
            .filter_map(|request| granted.folder(request))
            .collect()
    }

    fn granted_folders(&self) -> GrantedFolders<'a> {
        let mut folders = HashMap::<_, Vec<_>>::new();
        for (index, grant) in self.grants.iter().enumerate() {
            if let Grant::Files(files) = grant {
                let rule = Rule { index, grant };
                folders.entry(files.path.as_str()).or_default().push(rule);
            }
        }
        GrantedFolders(folders)
    }

    /// Judges the use of a file, by the name that it has in the capsule. Where
    /// folders lie in each other, the innermost one counts.
    #[must_use]
    pub fn decide_file(
        &self,
        path: &AbsolutePath,
        access: FileAccess,
    ) -> Decision<'a, FilesRequest, Folder<'a>> {
        let asked = MatchedRequest::each(&self.requests.files);
        let asked = asked.filter(|request| request.path.covers(path));
        let granted = self.granted_folders();
        let has = asked.clone().filter_map(|request| granted.folder(request));
        let folder = has.max_by_key(|folder| folder.request.path.as_str().len());
        let request = match &folder {
            Some(folder) => Some(folder.request),
            None => asked.max_by_key(|request| request.path.as_str().len()),
        };
        let rule = folder.as_ref().map(|folder| folder.rule);
        let wanted = |path: &AbsolutePath| FilesGrant {
            path: path.clone(),
            access,
            at: None,
        };
        match (folder, request) {
            (Some(folder), _) if folder.access >= access => {
                Decision::new(request, rule, None, || folder)
            }
            (_, Some(asked)) if asked.access >= access => {
                let missing = not_granted(wanted(&asked.path));
                Decision::refused(request, rule, missing, None)
            }
            _ => {
                let grant = wanted(path);
                let granted = self.rule(|rule| {
                    matches!(rule, Grant::Files(rule)
                        if rule.access >= access && rule.path.covers(path))
                });
                let not_asked = Denial {
                    capability: grant.capability(),
                    reason: match request {
                        Some(_) => DenialReason::WritingNotRequested,
                        None => DenialReason::FolderNotRequested,
                    },
                };
                let not_granted = granted.is_none().then(|| not_granted(grant));
                Decision::refused(request, rule, not_asked, not_granted)
            }
        }
    }

    /// The grants without which some `[[files]]` is of no use, or of less.
    pub(super) fn missing_files(&self) -> impl Iterator<Item = Grant> {
        let requests = MatchedRequest::each(&self.requests.files);
        let granted = self.granted_folders();
        let short = requests.filter(move |request| {
            let folder = granted.folder(*request);
            folder.is_none_or(|folder| folder.access < request.access)
        });
        short.map(|request| request.as_grant())
    }

    /// What the capsule holds of folders.
    pub(super) fn held_files(&self) -> impl Iterator<Item = Held> {
        self.folders().into_iter().flat_map(|folder| {
            let path = &folder.request.path;
            let kinds = [FileAccess::Read, FileAccess::ReadWrite];
            let kinds = kinds.into_iter().filter(|kind| *kind <= folder.access);
            let held = kinds.map(|kind| Held {
                name: format!("{}:{path}", kind.kind()),
                scope: path.to_string(),
            });
            held.collect::<Vec<_>>()
        })
    }
}

/// The grants of folders, by their paths.
struct GrantedFolders<'a>(HashMap<&'a str, Vec<Rule<'a>>>);

impl<'a> GrantedFolders<'a> {
    /// Of several grants one for all that is asked for decides, or else the
    /// first.
    fn folder(&self, request: MatchedRequest<'a, FilesRequest>) -> Option<Folder<'a>> {
        // A path, and all that it lies in.
        let path = request.path.as_str();
        let ends = path.match_indices('/').map(|(at, _)| at.max(1));
        let names = ends.chain([path.len()]).map(|end| &path[..end]);
        let names: BTreeSet<&str> = names.collect();
        let rules = names.iter().filter_map(|name| self.0.get(name)).flatten();
        let covering = rules.filter_map(|rule| match rule.grant {
            Grant::Files(grant) if grant.path.covers(&request.path) => Some((rule, grant)),
            _ => None,
        });
        let first = covering.min_by_key(|(rule, grant)| {
            let enough = grant.access >= request.access;
            (!enough, rule.index)
        });
        let (rule, grant) = first?;
        Some(Folder {
            request,
            rule: *rule,
            access: request.access.min(grant.access),
            place: grant.place_of(&request.path)?,
        })
    }
}

fn not_granted(grant: FilesGrant) -> Denial {
    Denial {
        capability: grant.capability(),
        reason: DenialReason::NotGranted(Grant::Files(grant)),
    }
}

#[cfg(test)]
mod tests;
