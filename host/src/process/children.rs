//! The children that are not released: found by id, owner and call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::SystemTime;

use uuid::Uuid;

use super::child_error::ChildError;
use super::tree::{Phase, Tree};
use crate::call::CallScope;
use crate::capsule::CapsuleUuid;
use crate::locked::lock;

/// Every child that a capsule may still ask for.
#[derive(Debug, Default)]
pub(super) struct Children(Mutex<Table>);

/// A child in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChildSummary {
    /// Unguessable.
    pub(crate) id: Uuid,
    /// The command's label.
    pub(crate) label: Option<String>,
    /// The program as the capsule named it.
    pub(crate) program: String,
    /// Where it is in its life.
    pub(crate) phase: Phase,
    /// Whether it lives on without a handle.
    pub(crate) detached: bool,
    /// When it was started.
    pub(crate) started_at: SystemTime,
}

#[derive(Debug, Default)]
struct Table {
    by_id: HashMap<Uuid, KeptChild>,
    /// Numbers the entries in the order of their starts.
    next: u64,
}

#[derive(Debug)]
struct KeptChild {
    number: u64,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    /// By its handle; without one it ends.
    ByHandle(Weak<Tree>),
    /// Here; it was detached.
    Here(Arc<Tree>),
}

impl Kept {
    fn tree(&self) -> Option<Arc<Tree>> {
        match self {
            Self::ByHandle(tree) => tree.upgrade(),
            Self::Here(tree) => Some(Arc::clone(tree)),
        }
    }
}

impl Children {
    /// Takes a tree in, and returns it for the first handle on it.
    pub(super) fn insert(&self, tree: Tree) -> Arc<Tree> {
        let tree = Arc::new(tree);
        let mut table = lock(&self.0);
        let number = table.next;
        table.next += 1;
        let kept = Kept::ByHandle(Arc::downgrade(&tree));
        table.by_id.insert(tree.id, KeptChild { number, kept });
        drop(table);
        tree
    }

    /// Keeps a child without a handle.
    pub(super) fn detach(&self, tree: &Arc<Tree>) {
        if let Some(entry) = lock(&self.0).by_id.get_mut(&tree.id) {
            entry.kept = Kept::Here(Arc::clone(tree));
        }
    }

    /// A handle was dropped: what nobody keeps is released, and what is kept
    /// here once its exit was told.
    pub(super) fn let_go(&self, tree: &Tree) {
        let mut table = lock(&self.0);
        let released = match table.by_id.get(&tree.id) {
            Some(KeptChild {
                kept: Kept::Here(_),
                ..
            }) => tree.is_told(),
            Some(_) => true,
            None => false,
        };
        if released {
            let entry = table.by_id.remove(&tree.id);
            drop(table);
            // Frees its rings, which may be large, without the lock.
            drop(entry);
        }
    }

    /// A detached child of the same capsule and principal. All that is not one gives
    /// the same error.
    pub(super) fn attach(&self, id: &str, scope: &CallScope) -> Result<Arc<Tree>, ChildError> {
        let id = Uuid::try_parse(id).map_err(|_| ChildError::Unknown)?;
        match lock(&self.0).by_id.get(&id) {
            Some(KeptChild {
                kept: Kept::Here(tree),
                ..
            }) if tree.owner.may_see(scope) => Ok(Arc::clone(tree)),
            _ => Err(ChildError::Unknown),
        }
    }

    /// The children of a capsule and principal, oldest first.
    pub(super) fn list(&self, scope: &CallScope) -> Vec<ChildSummary> {
        let table = lock(&self.0);
        let mut found: Vec<(u64, ChildSummary)> = table
            .by_id
            .values()
            .filter_map(|entry| {
                let tree = entry.kept.tree()?;
                tree.owner.may_see(scope).then(|| {
                    let detached = matches!(entry.kept, Kept::Here(_));
                    (entry.number, summary(&tree, detached))
                })
            })
            .collect();
        drop(table);
        found.sort_by_key(|(number, _)| *number);
        found.into_iter().map(|(_, summary)| summary).collect()
    }

    /// Cancels the children that run and were started by a call with one of
    /// these ids and detached since; returns how many there were. The others are
    /// cancelled with their call.
    pub(super) fn cancel(&self, call_ids: &[&str]) -> usize {
        let is_meant = |tree: &&Arc<Tree>| {
            let call = tree.owner.origin.call_id.as_deref();
            call.is_some_and(|call| call_ids.contains(&call)) && tree.phase() != Phase::Exited
        };
        let table = lock(&self.0);
        let trees = table.by_id.values().filter_map(|entry| match &entry.kept {
            Kept::Here(tree) => Some(tree),
            Kept::ByHandle(_) => None,
        });
        trees
            .filter(is_meant)
            .map(|tree| tree.cancel.cancel())
            .count()
    }

    /// Releases every child of a capsule that was unloaded.
    pub(super) fn forget(&self, capsule: CapsuleUuid) {
        let mut forgotten = Vec::new();
        let mut table = lock(&self.0);
        table.by_id.retain(|_, entry| {
            let tree = entry.kept.tree();
            let stays = tree.is_some_and(|tree| tree.owner.uuid != capsule);
            if !stays {
                forgotten.push(std::mem::replace(
                    &mut entry.kept,
                    Kept::ByHandle(Weak::new()),
                ));
            }
            stays
        });
        drop(table);
        drop(forgotten);
    }
}

fn summary(tree: &Tree, detached: bool) -> ChildSummary {
    ChildSummary {
        id: tree.id,
        label: tree.label.clone(),
        program: tree.program.clone(),
        phase: tree.phase(),
        detached,
        started_at: tree.started_at,
    }
}
