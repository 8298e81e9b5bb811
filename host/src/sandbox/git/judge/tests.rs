//! Which commands are understood.

use super::super::config::Entry;
use super::super::names::{Command, Homes, Named, named};
use super::open::OPEN;
use super::precise::PRECISE;

/// What a setting names.
fn of(key: &str, value: &str) -> Command {
    let entry = Entry::of(key, value).expect("a key");
    let homes = Homes {
        own: Some(std::path::Path::new("/home/me")),
        ..Homes::NONE
    };
    let mut named = named(&entry, homes);
    match named.pop() {
        Some(Named::Command(command)) => command,
        other => panic!("no command: {other:?}"),
    }
}

/// Commands with what has to stay as it is, or all has to.
const HELD: &[(&str, &str)] = &[
    ("!git -C './a (b)' status", "a (b)"),
    ("!git -C 'a&b' status", "a&b"),
    ("!git -C 'a;b' status", "a;b"),
    ("!git -C 'a{b}' status", "a{b}"),
    ("!git -C 'a<b' status", "a<b"),
    ("!git -C 'a^b' status", "a^b"),
    ("!git --git-dir='a b/.git' status", "a b/.git"),
    ("-C 'a (b)' status", "a (b)"),
    ("!env -C './a (b)' ./run.sh", "a (b)"),
    ("!cd 'a;b' && ./run.sh", "a;b"),
    ("!sh 'run me.sh'", "run me.sh"),
    ("!sh '~/x'", "~/x"),
    ("!'a*/run.sh'", "a*/run.sh"),
    ("!sh scripts/release.sh", "scripts/release.sh"),
    ("!python3 tools/x.py", "tools/x.py"),
    ("!sh -c './x'", "x"),
    ("!timeout 5 sh x", "x"),
    ("!git rebase --exec 'sh t/x' main", "t/x"),
    ("!$(git rev-parse --show-toplevel)/tools/x", "tools/x"),
];

#[test]
fn what_people_have_is_understood() {
    let open = PRECISE.iter().filter_map(|(key, value)| {
        let because = of(key, value).open?;
        Some(format!("{key} = {value}: {because}"))
    });
    let open: Vec<String> = open.collect();
    assert!(open.is_empty(), "{}", open.join("\n"));
}

#[test]
fn what_executes_something_that_it_does_not_name_is_told() {
    let open = OPEN.iter().filter(|(key, value)| {
        let named = named(&Entry::of(key, value).expect("a key"), Homes::NONE);
        !named
            .iter()
            .any(|named| matches!(named, Named::Command(Command { open: Some(_), .. })))
    });
    let missed: Vec<String> = open
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn what_is_named_is_kept_whatever_it_is_called() {
    for (value, path) in HELD {
        let found = of("alias.x", value);
        let path = std::path::Path::new(path);
        let held = found
            .paths
            .keys()
            .any(|held| super::super::names::plain(held) == path);
        assert!(held, "{value}: {found:?}");
        assert_eq!(found.open, None, "{value}");
    }
}
