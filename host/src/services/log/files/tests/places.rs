use std::os::unix::fs::PermissionsExt as _;

use super::*;

#[test]
fn each_principal_and_capsule_has_a_file_and_so_has_the_host() {
    let mut logs = logs(keeping_all());
    logs.sink.write(&[
        of(origin("one", Some("ann")), NOON, "a1"),
        of(origin("two", Some("ann")), NOON, "a2"),
        of(origin("one", Some("bob")), NOON, "b1"),
        of(origin("one", None), NOON, "n1"),
        of(None, NOON, "h"),
        of(origin("one", Some("ann")), NOON, "a1 again"),
    ]);
    assert_eq!(
        logs.files(),
        [
            "host/2024-05-06.jsonl",
            "no-principal/one/2024-05-06.jsonl",
            "principals/ann/one/2024-05-06.jsonl",
            "principals/ann/two/2024-05-06.jsonl",
            "principals/bob/one/2024-05-06.jsonl",
        ]
    );
    let ann = logs.read("principals/ann/one/2024-05-06.jsonl");
    assert_eq!(messages(&ann), ["a1", "a1 again"]);
    let attribution = ["capsule", "principal", "call", "source"].map(|key| &ann[0][key]);
    assert_eq!(attribution, ["one", "ann", "c-1", "capsule"]);
    assert_eq!(logs.messages("host/2024-05-06.jsonl"), ["h"]);
}

#[test]
fn a_principal_that_is_not_admitted_makes_no_folder_and_loses_no_line() {
    let mut logs = logs(keeping_all());
    logs.sink.write(&[
        of(origin("one", Some("mallory")), NOON, "m1"),
        of(origin("two", Some("mallory")), NOON, "m2"),
    ]);
    assert_eq!(logs.files(), ["unadmitted/2024-05-06.jsonl"]);
    let lines = logs.read("unadmitted/2024-05-06.jsonl");
    assert_eq!(messages(&lines), ["m1", "m2"]);
    assert_eq!(lines[1]["principal"], "mallory");
    assert_eq!(lines[1]["capsule"], "two");
}

#[test]
fn nobody_is_admitted_by_default() {
    let around = tempfile::tempdir().unwrap();
    let mut sink = FileSink::open(around.path(), keeping_all()).unwrap();
    sink.write(&[line(NOON, "a line")]);
    assert_eq!(files(around.path()), ["unadmitted/2024-05-06.jsonl"]);
}

#[test]
fn no_principals_name_leads_out_of_the_folder_or_to_another() {
    let mut logs = logs(keeping_all());
    let long = "x".repeat(300);
    let names = [
        "",
        ".",
        "..",
        "../x",
        "../../../x",
        "/etc/x",
        "a/b",
        "a\0b",
        "a\nb",
        "ann",
        "Ann",
        "zoë",
        "~",
        "%2E%2E",
        long.as_str(),
    ];
    let lines: Vec<LogLine> = names
        .iter()
        .map(|name| of(origin("sample", Some(name)), NOON, name))
        .collect();
    logs.sink.write(&lines);
    let files = logs.files();
    assert_eq!(files.len(), names.len(), "{files:#?}");
    for file in &files {
        let parts: Vec<&str> = file.split('/').collect();
        let fits = matches!(parts[..], ["principals", _, "sample", "2024-05-06.jsonl"]);
        assert!(fits, "{file}");
        // Each holds the one line of its principal.
        let lines = logs.read(file);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["message"], lines[0]["principal"]);
    }
    // Beside the folder nothing appeared.
    let beside = fs::read_dir(logs.path.parent().unwrap()).unwrap();
    assert_eq!(beside.count(), 1);
}

#[test]
fn no_message_forges_a_line_of_a_file() {
    let mut logs = logs(keeping_all());
    let nasty = "a\n{\"level\":\"error\",\"message\":\"forged\"}\r\n\u{2028}\u{85}\0";
    logs.sink.write(&[line(NOON, nasty), line(NOON, "after")]);
    assert_eq!(logs.messages(ANN), [nasty, "after"]);
}

#[test]
fn nobody_but_the_owner_can_read_it() {
    let mut logs = logs(keeping_all());
    logs.sink.write(&[line(NOON, "a line")]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let file = logs.path.join(ANN);
    assert_eq!(mode(&file), 0o600);
    for folder in file.ancestors().skip(1).take(4) {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
}

#[test]
fn a_folder_that_others_can_write_is_refused() {
    let around = tempfile::tempdir().unwrap();
    fs::set_permissions(around.path(), fs::Permissions::from_mode(0o770)).unwrap();
    let refused = FileSink::open(around.path(), keeping_all()).err().unwrap();
    let source = std::error::Error::source(&refused).unwrap().to_string();
    assert!(source.contains("can be written by others"), "{source}");
    let file = around.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(FileSink::open(&file, keeping_all()).is_err());
}

#[test]
fn only_so_many_files_are_open_at_a_time() {
    let mut logs = logs(FileSettings {
        open_files: NonZeroUsize::new(4).unwrap(),
        ..keeping_all()
    });
    let round = |text: &str| -> Vec<LogLine> {
        (0..50)
            .map(|number| of(origin("sample", Some(&format!("p{number}"))), NOON, text))
            .collect()
    };
    logs.sink.write(&round("first"));
    logs.sink.write(&round("second"));
    let open = fs::read_dir("/proc/self/fd").unwrap();
    let open = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    let open = open.filter(|path| path.starts_with(&logs.path) && path.extension().is_some());
    assert_eq!(open.count(), 4);
    assert_eq!(logs.files().len(), 50);
    for file in logs.files() {
        assert_eq!(logs.messages(&file), ["first", "second"]);
    }
}
