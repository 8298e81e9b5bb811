use super::place::Places;
use super::*;

/// The place of a limit, when the machine has one for us.
fn hierarchy(cgroups: &Cgroups) -> Option<Hierarchy> {
    cgroups.pids.as_ref().ok().cloned()
}

#[test]
fn groups_are_removed_with_the_last_that_holds_them() {
    let cgroups = Arc::new(Cgroups::find());
    assert!(cgroups.groups(TreeLimits::default()).unwrap().is_none());
    let limits = TreeLimits {
        pids: Some(5),
        ..TreeLimits::default()
    };
    let Some(Hierarchy { version, parent }) = hierarchy(&cgroups) else {
        assert!(cgroups.refusal(TreeLimit::Pids).is_some());
        assert!(cgroups.groups(limits).is_err());
        return;
    };
    let groups = cgroups.groups(limits).unwrap().unwrap();
    let path = groups.groups[0].path.clone();
    assert!(path.starts_with(&parent) && path.is_dir(), "{version:?}");
    assert_eq!(groups.entrances().unwrap().len(), 1);
    assert_eq!(groups.hit(), None);
    let other = Arc::clone(&groups);
    drop(groups);
    assert!(path.is_dir());
    drop(other);
    assert!(!path.exists());
}

#[test]
fn what_a_killed_host_left_is_removed() {
    let cgroups = Cgroups::find();
    let Some(Hierarchy { parent, .. }) = hierarchy(&cgroups) else {
        return;
    };
    // This process's id, but started at another time.
    let orphan = parent.join(format!("boll-{}-1-0", std::process::id()));
    fs::create_dir(&orphan).unwrap();
    Cgroups::find();
    assert!(!orphan.exists());
}

#[test]
fn the_host_moves_out_of_the_way_or_stays() {
    let own = || Places::read().unwrap().own();
    let before = own();
    // A test is alone in its group where whoever started it delegated that.
    if enter_leaf_cgroup(|_| true).unwrap() {
        let leaf = own().unwrap();
        assert_eq!(leaf.parent(), before.as_deref());
        assert_eq!(Cgroups::find().refusal(TreeLimit::Pids), None);
        // Once is enough, and the next look removes no group that is in use.
        assert!(!enter_leaf_cgroup(|_| true).unwrap());
        assert_eq!(own(), Some(leaf));
    } else {
        assert_eq!(own(), before);
    }
}
