use super::*;

#[test]
fn a_line_goes_to_the_file_of_its_own_day() {
    let mut logs = logs(keeping_all());
    logs.sink.write(&[
        line("2026-12-31T23:59:59.999Z", "the last"),
        line("2027-01-01T00:00:00Z", "the first"),
        // One that waited.
        line("2026-12-31T23:59:59.998Z", "late"),
    ]);
    assert_eq!(
        logs.messages("principals/ann/sample/2026-12-31.jsonl"),
        ["the last", "late"]
    );
    assert_eq!(
        logs.messages("principals/ann/sample/2027-01-01.jsonl"),
        ["the first"]
    );
}

#[test]
fn a_file_that_is_full_is_followed_by_the_next() {
    let limit = 1000;
    let mut logs = logs(rotating(limit));
    let lines: Vec<LogLine> = (0..50).map(|n| line(NOON, &n.to_string())).collect();
    for some in lines.chunks(7) {
        logs.sink.write(some);
    }
    let files = logs.files();
    assert!(files.len() > 5, "{files:?}");
    let mut found = Vec::new();
    for number in 0..files.len() {
        let name = match number {
            0 => ANN.to_owned(),
            _ => format!("principals/ann/sample/2024-05-06.{number}.jsonl"),
        };
        let size = fs::metadata(logs.path.join(&name)).unwrap().len();
        assert!(size <= limit, "{name}: {size}");
        found.extend(logs.messages(&name));
    }
    let expected: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_line_that_is_larger_than_a_file_has_one_of_its_own() {
    let mut logs = logs(rotating(300));
    let large = "x".repeat(5000);
    logs.sink.write(&[
        line(NOON, "before"),
        line(NOON, &large),
        line(NOON, "after"),
    ]);
    assert_eq!(logs.messages(ANN), ["before"]);
    let next = |number| format!("principals/ann/sample/2024-05-06.{number}.jsonl");
    assert_eq!(logs.messages(&next(1)), [large]);
    assert_eq!(logs.messages(&next(2)), ["after"]);
}

#[test]
fn the_next_host_goes_on_where_the_last_one_stopped() {
    let mut logs = logs(rotating(300));
    for n in 0..5 {
        logs.sink.write(&[line(NOON, &n.to_string())]);
    }
    let before = logs.files();
    let mut next = open(&logs.path, rotating(300));
    next.write(&[line(NOON, "next")]);
    let after = logs.files();
    assert!(after.len() - before.len() <= 1, "{after:?}");
    let all: Vec<String> = after.iter().flat_map(|file| logs.messages(file)).collect();
    assert_eq!(all.len(), 6);
}

#[test]
fn two_hosts_share_a_folder_and_its_limit() {
    let limit = 2000;
    let mut logs = logs(rotating(limit));
    let mut other = open(&logs.path, rotating(limit));
    for n in 0..100 {
        logs.sink.write(&[line(NOON, &n.to_string())]);
        other.write(&[line(NOON, &n.to_string())]);
    }
    let files = logs.files();
    let all: Vec<String> = files.iter().flat_map(|file| logs.messages(file)).collect();
    assert_eq!(all.len(), 200);
    for file in files {
        assert!(fs::metadata(logs.path.join(file)).unwrap().len() <= limit);
    }
}

#[test]
fn a_line_that_was_cut_off_stands_by_itself() {
    let mut logs = logs(keeping_all());
    logs.sink.write(&[line(NOON, "whole")]);
    let path = logs.path.join(ANN);
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str("{\"time\":\"2026-");
    fs::write(&path, &text).unwrap();
    open(&logs.path, keeping_all()).write(&[line(NOON, "after the crash")]);
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[1], "{\"time\":\"2026-");
    assert!(lines[2].contains("after the crash"));
}
