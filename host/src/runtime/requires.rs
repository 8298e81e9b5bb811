//! What capsules require of each other.

use std::collections::{BTreeMap, BTreeSet};

use super::{Load, LoadCause, LoadError, RequireError, Runtime};
use crate::capsule::{CapsuleId, CapsuleState, Manifest};

impl Runtime {
    /// Waits until the capsules that a manifest requires are ready.
    pub(super) async fn wait_for_required(&self, manifest: &Manifest) -> Result<(), LoadCause> {
        for (id, wanted) in &manifest.requires {
            let capsule = self
                .capsule(id)
                .ok_or_else(|| RequireError::Missing(id.clone()))?;
            let loaded = &capsule.manifest.version;
            if !wanted.matches(loaded) {
                return Err(RequireError::Version {
                    capsule: id.clone(),
                    wanted: wanted.clone(),
                    loaded: loaded.clone(),
                }
                .into());
            }
            let state = capsule.settled().await;
            if state != CapsuleState::Ready {
                return Err(RequireError::NotReady {
                    capsule: id.clone(),
                    state,
                }
                .into());
            }
        }
        Ok(())
    }
}

/// The loads, each after those that it requires and otherwise as they came.
pub(super) fn in_order(
    loads: Vec<Load>,
    is_loaded: impl Fn(&CapsuleId) -> bool,
) -> Result<Vec<Load>, LoadError> {
    let mut waiting: BTreeMap<CapsuleId, BTreeSet<CapsuleId>> = BTreeMap::new();
    let coming: BTreeSet<CapsuleId> = loads.iter().map(|load| load.manifest.id.clone()).collect();
    for load in &loads {
        let manifest = &load.manifest;
        let (here, elsewhere): (BTreeSet<_>, BTreeSet<_>) = manifest
            .requires
            .keys()
            .cloned()
            .partition(|id| coming.contains(id));
        if let Some(missing) = elsewhere.into_iter().find(|id| !is_loaded(id)) {
            return Err(refused(&manifest.id, RequireError::Missing(missing)));
        }
        waiting.insert(manifest.id.clone(), here);
    }
    let mut loads = loads;
    let mut ordered = Vec::with_capacity(loads.len());
    while !loads.is_empty() {
        let free = |load: &Load| {
            waiting
                .get(&load.manifest.id)
                .is_none_or(BTreeSet::is_empty)
        };
        let Some(next) = loads.iter().position(free) else {
            let cycle = cycle(&waiting);
            return Err(refused(&cycle[0].clone(), RequireError::Cycle(cycle)));
        };
        let next = loads.remove(next);
        let id = &next.manifest.id;
        // The last of several with one id, which replace each other.
        if !loads.iter().any(|load| load.manifest.id == *id) {
            waiting.remove(id);
            waiting.values_mut().for_each(|required| {
                required.remove(id);
            });
        }
        ordered.push(next);
    }
    Ok(ordered)
}

/// A circle among capsules each of which waits for another: from any of them,
/// the way along the first that it waits for comes round.
fn cycle(waiting: &BTreeMap<CapsuleId, BTreeSet<CapsuleId>>) -> Vec<CapsuleId> {
    let mut way: Vec<CapsuleId> = Vec::new();
    let mut at = waiting
        .iter()
        .find(|(_, required)| !required.is_empty())
        .map(|(id, _)| id);
    while let Some(id) = at {
        if let Some(start) = way.iter().position(|passed| passed == id) {
            way.drain(..start);
            way.push(id.clone());
            break;
        }
        way.push(id.clone());
        at = waiting.get(id).and_then(BTreeSet::first);
    }
    way
}

fn refused(capsule: &CapsuleId, cause: RequireError) -> LoadError {
    LoadError {
        capsule: capsule.clone(),
        cause: cause.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Loads by their ids, each with what it requires.
    fn loads(capsules: &[(&str, &[&str])]) -> Vec<Load> {
        let load = |(id, requires): &(&str, &[&str])| {
            let requires: Vec<String> = requires.iter().map(|id| format!("{id} = \"1\"")).collect();
            let text = format!(
                "[capsule]\nid = \"{id}\"\nversion = \"1.0.0\"\n[requires]\n{}",
                requires.join("\n")
            );
            let manifest = Manifest::parse("Capsule.toml", &text).expect("a manifest");
            Load::new(manifest, Vec::new())
        };
        capsules.iter().map(load).collect()
    }

    fn order(capsules: &[(&str, &[&str])]) -> Result<Vec<String>, String> {
        let ordered = in_order(loads(capsules), |id| id.as_str() == "there");
        let ids = |loads: Vec<Load>| {
            loads
                .iter()
                .map(|load| load.manifest.id.to_string())
                .collect()
        };
        ordered
            .map(ids)
            .map_err(|error| format!("{}: {}", error.capsule, error.cause))
    }

    #[test]
    fn each_comes_after_what_it_requires() {
        let ordered = order(&[
            ("top", &["left", "right"]),
            ("left", &["base"]),
            ("right", &["base", "there"]),
            ("alone", &[]),
            ("base", &[]),
        ]);
        assert_eq!(
            ordered,
            Ok(["alone", "base", "left", "right", "top"]
                .map(String::from)
                .into())
        );
    }

    #[test]
    fn a_cycle_and_a_missing_one_are_named() {
        let cycle = order(&[("d", &["c"]), ("a", &["b"]), ("b", &["c"]), ("c", &["a"])]);
        assert_eq!(
            cycle.expect_err("a cycle"),
            "a: they require each other: a -> b -> c -> a"
        );
        assert_eq!(
            order(&[("a", &["nobody"])]).expect_err("missing"),
            "a: it requires the capsule `nobody`, which is not loaded"
        );
    }
}
