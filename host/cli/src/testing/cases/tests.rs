//! Case files, read and refused.

use super::super::case::{Called, DEFAULT_TIME};
use super::*;

const MANIFEST: &str = r#"
[capsule]
id = "sample"
version = "1.0.0"
[config.limit]
type = "integer"
[[files]]
path = "/data"
[[action]]
name = "a"
"#;

/// The cases of a file, and each as it is when it runs.
fn cases(text: &str) -> Result<Vec<(Label, Case)>, DocumentError> {
    let manifest = Manifest::parse("Capsule.toml", MANIFEST).expect("a manifest");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("cases")).expect("a folder");
    let capsule = Beneath::open(folder.path()).expect("it opens");
    let file = CaseFile {
        name: "cases/x.toml".to_owned(),
        text: text.to_owned(),
    };
    let mut cases = Vec::new();
    let looked_at = Fixtures::looked_at(&capsule, &|_| None);
    read_file(file, &looked_at, &manifest, &mut cases)?;
    let read = Fixtures::read(&capsule, &|_| None);
    let open = |case: Written| Ok((case.label.clone(), case.open(&manifest, &read)?));
    cases.into_iter().map(open).collect()
}

/// What is wrong with a case, and what would help.
fn wrong(text: &str) -> (String, Option<String>) {
    let text = format!("[[case]]\nname = \"n\"\n{text}");
    match cases(&text) {
        Ok(_) => panic!("it is taken: {text}"),
        Err(error) => (error.to_string(), error.hint),
    }
}

#[test]
fn a_case_with_nothing_but_a_name_calls_the_default_action() {
    let read = cases("\n[[case]]\nname = \"n\"\n").expect("cases");
    let [(label, case)] = read.as_slice() else {
        panic!("not one");
    };
    assert!(matches!(&case.call, Called::Action(action) if action == "a"));
    assert_eq!((label.line, case.time), (2, DEFAULT_TIME));
    assert!(case.payload.is_empty() && case.grants.is_none());
    assert_eq!(case.expect.ending, None);
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (text, message) in [
        ("payload = 1", ":3:11: invalid type"),
        (
            "payload = \"x\"\npayload-json = 1",
            ":4:16: `payload` is given in two forms",
        ),
        ("payload-json = \"{\"", ":3:16: the string is no JSON"),
        (
            "payload-json = { a = 1979-05-27 }",
            ":3:16: JSON has no dates",
        ),
        ("payload-file = \"no/such\"", ":3:16: cannot read no/such"),
        (
            "payload-file = \"/etc/hostname\"",
            ":3:16: /etc/hostname is not in the capsule's folder",
        ),
        (
            "workspace = \"../..\"",
            ":3:13: ../.. is not in the capsule's folder",
        ),
        (
            "files = { \"/data\" = \"/etc\" }",
            ":3:21: /etc is not in the capsule's folder",
        ),
        ("topic = \"a..b\"", ":3:9: "),
        (
            "timeout-ms = 0",
            ":3:14: `timeout-ms` must be a whole number from 1 to 4294967295",
        ),
        (
            "workspace = \"no/such\"",
            ":3:13: there is no folder no/such",
        ),
        ("grants = [\"fly:away\"]", ":3:11: "),
        ("grants = [\"sandbox:none\"]", ":3:11: no case runs"),
        (
            "grants = [\"files:/data /srv\"]",
            ":3:11: a case has folders",
        ),
        (
            "config = { limit = \"x\" }",
            ":3:20: the value is not an integer",
        ),
        ("config = { limt = 1 }", ":3:12: the manifest declares no"),
        (
            "files = { \"/other\" = \"tmp\" }",
            ":3:11: the manifest has no",
        ),
        (
            "files = { \"/workspace\" = \"tmp\" }",
            ":3:11: this is in the",
        ),
        (
            "[[case.process]]\nprogram = \"a\"\nexit = 1\nsignal = 2",
            ":6:10: a process ends by",
        ),
        (
            "[[case.process]]\nprogram = \"a\"\nsignal = 0",
            ":5:10: a signal is",
        ),
        (
            "[[case.process]]\nprogram = \"a\"\nexit = 1\n\
             launch-failed = { step = \"exec\", errno = 8 }",
            ":6:17: a process that is not started",
        ),
        (
            "[[case.process]]\nprogram = \"a\"\nlaunch-failed = { step = \"exec\" }",
            ":5:17: missing field `errno`",
        ),
        (
            "[[case.process]]\nprogram = \"a\"\nmissing = true\nstays = true",
            ":3:1: a program that is missing",
        ),
        (
            "[[case.hook]]\ntopic = \"a\"\ncapsule = \"sample\"",
            ":5:11: this is the capsule",
        ),
        (
            "[[case.hook]]\ntopic = \"a\"\ndeny = \"x\"\nfailed = \"y\"",
            ":6:10: a subscriber gives one",
        ),
        (
            "[case.expect]\nreply = \"\"\ndenied = \"\"",
            ":5:10: a call ends in one way",
        ),
        ("[case.expect]\ntrapped = false", ":4:11: leave it out"),
        (
            "[[case]]\nname = \"n\"",
            ":4:8: a case with this name already exists at cases/x.toml:1",
        ),
    ] {
        let (found, _) = wrong(text);
        let message = format!("cases/x.toml{message}");
        assert!(found.starts_with(&message), "{text}: {found}");
    }
}

#[test]
fn an_unknown_key_is_named_with_the_nearest() {
    let (message, hint) = wrong("payloud = \"x\"");
    assert_eq!(message, "cases/x.toml:3:1: unknown key `payloud`");
    assert_eq!(hint.as_deref(), Some("did you mean `payload`?"));
    let (_, hint) = wrong("[case.expect]\nrepli = \"x\"");
    assert_eq!(hint.as_deref(), Some("did you mean `reply`?"));
}
