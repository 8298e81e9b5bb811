use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use super::*;

fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < until, "never: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

fn entries(place: &Path) -> usize {
    fs::read_dir(place).unwrap().count()
}

#[test]
fn each_process_has_its_own_which_goes_with_it() {
    let place = tempfile::tempdir().unwrap();
    let homes = Homes::open_in(place.path()).unwrap();
    let (first, second) = (homes.make(None).unwrap(), homes.make(None).unwrap());
    assert_ne!(first.path(), second.path());
    for home in [&first, &second] {
        for path in [home.path().to_owned(), home.home(), home.temporary()] {
            assert_eq!(fs::metadata(path).unwrap().mode() & 0o777, 0o700);
        }
    }
    let path = first.path().to_owned();
    fs::write(first.home().join("file"), "").unwrap();
    drop(first);
    eventually("it is gone", || !path.exists());
    assert!(second.home().exists());
    drop((second, homes));
    eventually("nothing is left", || entries(place.path()) == 0);
}

#[test]
fn what_is_held_is_given_back_when_the_directory_is_gone() {
    let place = tempfile::tempdir().unwrap();
    let homes = Homes::open_in(place.path()).unwrap();
    let mut home = homes.make(None).unwrap();
    let path = home.path().to_owned();
    let held = Arc::new(());
    home.hold(Box::new(Arc::clone(&held)));
    drop(home);
    eventually("it is given back", || Arc::strong_count(&held) == 1);
    assert!(!path.exists());
}

#[test]
fn what_a_killed_host_left_is_removed_and_a_living_hosts_is_not() {
    let place = tempfile::tempdir().unwrap();
    let left = place.path().join(format!("{PREFIX}left"));
    fs::create_dir_all(left.join("0/home/deep")).unwrap();
    let others = place.path().join("boll-other");
    fs::create_dir(&others).unwrap();

    let first = Homes::open_in(place.path()).unwrap();
    assert!(!left.exists());
    let home = first.make(None).unwrap();
    let _second = Homes::open_in(place.path()).unwrap();
    assert!(home.home().exists());
    assert!(others.exists());
}

#[test]
fn whatever_a_process_leaves_is_removed() {
    let place = tempfile::tempdir().unwrap();
    let outside = place.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("file"), "").unwrap();
    let top = place.path().join("top");
    let closed = top.join("home/closed");
    fs::create_dir_all(closed.join("below/further")).unwrap();
    fs::create_dir_all(top.join("moved-1/full")).unwrap();
    fs::write(closed.join("below/file"), "").unwrap();
    symlink(&outside, top.join("home/link")).unwrap();
    symlink(&outside, closed.join("link")).unwrap();
    for path in [closed.join("below"), closed, top.join("home")] {
        fs::set_permissions(path, Permissions::from_mode(0o000)).unwrap();
    }
    remove::remove(&top).unwrap();
    assert!(!top.exists());
    assert!(outside.join("file").exists());
}

#[test]
fn depth_costs_nothing() {
    let place = tempfile::tempdir().unwrap();
    let top = place.path().join("top");
    fs::create_dir(&top).unwrap();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut at = rustix::fs::open(&top, flags, Mode::empty()).unwrap();
    for _ in 0..3000 {
        rustix::fs::mkdirat(&at, "d", Mode::RWXU).unwrap();
        at = rustix::fs::openat(&at, "d", flags, Mode::empty()).unwrap();
    }
    drop(at);
    let small = thread::Builder::new().stack_size(64 << 10);
    let removed = small.spawn({
        let top = top.clone();
        move || remove::remove(&top)
    });
    removed.unwrap().join().unwrap().unwrap();
    assert!(!top.exists());
}
