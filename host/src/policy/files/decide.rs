//! The folders that a capsule has: what of its requests is granted.

use std::collections::{BTreeSet, HashMap};

use super::{AbsolutePath, FileAccess, FilesGrant, FilesRequest};
use crate::policy::{
    Decision, Denial, DenialReason, Grant, Held, MatchedRequest, Permissions, Rule,
};

/// A folder that a capsule has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
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
                let missing = Denial::not_granted(Grant::Files(wanted(&asked.path)));
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
                let not_granted = granted
                    .is_none()
                    .then(|| Denial::not_granted(Grant::Files(grant)));
                Decision::refused(request, rule, not_asked, not_granted)
            }
        }
    }

    /// The grants without which some `[[files]]` is not usable, or of less.
    pub(in crate::policy) fn missing_files(&self) -> impl Iterator<Item = Grant> {
        let requests = MatchedRequest::each(&self.requests.files);
        let granted = self.granted_folders();
        requests.filter_map(move |request| {
            let folder = granted.folder(request);
            let suffices = folder.is_some_and(|folder| folder.access >= request.access);
            (!suffices).then(|| {
                Grant::Files(FilesGrant {
                    path: request.path.clone(),
                    access: request.access,
                    // Reading it may be granted already, by another name on this host.
                    at: granted.at(&request.path),
                })
            })
        })
    }

    /// What the capsule holds of folders.
    pub(in crate::policy) fn held_files(&self) -> impl Iterator<Item = Held> {
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
    /// Where a folder with a grant of its own is on the host, if it has another name there.
    fn at(&self, path: &AbsolutePath) -> Option<AbsolutePath> {
        let mut rules = self.0.get(path.as_str())?.iter();
        rules.find_map(|rule| match rule.grant {
            Grant::Files(held) => held.at.clone(),
            _ => None,
        })
    }

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

#[cfg(test)]
mod tests;
