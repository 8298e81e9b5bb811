use std::os::unix::fs::symlink;

use super::super::retention::sweep;
use super::*;

const NOTHING: LogRetention = LogRetention {
    days: Some(0),
    bytes: Some(0),
};

#[test]
fn what_is_too_old_goes_although_nothing_is_logged() {
    let mut logs = logs(FileSettings {
        keep: LogRetention {
            days: Some(2),
            bytes: None,
        },
        sweep_every: Duration::from_millis(5),
        ..FileSettings::default()
    });
    let today = LogLine {
        time: SystemTime::now(),
        ..line(NOON, "of today")
    };
    logs.sink.write(&[
        line("2001-01-01T00:00:00Z", "old"),
        of(origin("other", Some("ann")), "2001-01-02T00:00:00Z", "old"),
        of(None, "2001-01-03T00:00:00Z", "old"),
        today,
    ]);
    eventually("only today's is left", || logs.files().len() == 1);
    assert_eq!(logs.messages(&logs.files()[0]), ["of today"]);
    // Folders that are empty go as well.
    eventually("no folder of the other capsule", || {
        !logs.path.join("principals/ann/other").exists()
    });
}

#[test]
fn what_is_too_old_goes_at_the_start() {
    let mut logs = logs(keeping_all());
    logs.sink.write(&[line("2001-01-01T00:00:00Z", "old")]);
    assert_eq!(logs.files().len(), 1);
    let _next = open(&logs.path, FileSettings::default());
    assert!(logs.files().is_empty());
}

#[test]
fn a_flood_keeps_to_the_bytes_that_are_kept() {
    let (file, all) = (1000, 5000);
    let mut logs = logs(FileSettings {
        keep: LogRetention {
            days: None,
            bytes: Some(all),
        },
        // Only rotation has it look.
        sweep_every: Duration::from_secs(3600),
        ..rotating(file)
    });
    let path = logs.path.clone();
    let size = || -> u64 {
        let sizes = files(&path).into_iter();
        // One that is gone by now has no size.
        sizes
            .filter_map(|file| Some(fs::metadata(path.join(file)).ok()?.len()))
            .sum()
    };
    for n in 0..500 {
        let now = LogLine {
            time: SystemTime::now(),
            ..line(NOON, &n.to_string())
        };
        logs.sink.write(&[now]);
    }
    // The file that was begun last has grown since it was looked.
    eventually("no more than is kept", || size() <= all + file);
    // It is the newest that is there.
    let newest = files(&path).iter().any(|file| {
        let text = fs::read_to_string(path.join(file)).unwrap_or_default();
        text.contains("\"message\":\"499\"")
    });
    assert!(newest);
}

#[test]
fn what_the_sink_did_not_write_stays() {
    let mut logs = logs(keeping_all());
    let old = "2001-01-01T00:00:00Z";
    logs.sink.write(&[line(old, "old"), of(None, old, "old")]);
    let outside = logs.path.parent().unwrap().join("outside");
    fs::create_dir_all(outside.join("sample")).unwrap();
    fs::write(outside.join("sample/2001-01-01.jsonl"), "outside").unwrap();
    fs::write(outside.join("2001-01-01.jsonl"), "outside").unwrap();

    let put = |name: &str| {
        let path = logs.path.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "not of the sink").unwrap();
    };
    let stays = [
        "2001-01-01.jsonl",
        "elsewhere/2001-01-01.jsonl",
        "host/2001-01-01.jsonl.gz",
        "host/2001-01-01.00.jsonl",
        "host/deeper/2001-01-01.jsonl",
        "host/notes",
        "no-principal/2001-01-01.jsonl",
        "principals/2001-01-01.jsonl",
        "principals/ann/2001-01-01.jsonl",
        "principals/ann/sample/deeper/2001-01-01.jsonl",
    ];
    stays.iter().for_each(|name| put(name));
    // A link of a file's name, a folder of one, and links of folders' names.
    fs::create_dir(logs.path.join("host/2001-01-02.jsonl")).unwrap();
    symlink(
        outside.join("2001-01-01.jsonl"),
        logs.path.join("host/2001-01-03.jsonl"),
    )
    .unwrap();
    symlink(&outside, logs.path.join("principals/linked")).unwrap();
    symlink(&outside, logs.path.join("unadmitted")).unwrap();

    let today = Day::of(at(NOON));
    let (removed, _) = sweep(&logs.path, today, NOTHING).unwrap();
    assert_eq!(removed, 2);
    let left = logs.files();
    for name in stays
        .iter()
        .chain(&["host/2001-01-03.jsonl", "principals/linked", "unadmitted"])
    {
        assert!(left.iter().any(|file| file == name), "{name} in {left:#?}");
    }
    assert!(logs.path.join("host/2001-01-02.jsonl").is_dir());
    assert_eq!(files(&outside).len(), 2);
}

#[test]
fn a_file_that_is_written_to_is_not_removed() {
    let mut logs = logs(rotating(300));
    for n in 0..6 {
        logs.sink.write(&[line(NOON, &n.to_string())]);
    }
    let before = logs.files().len();
    assert!(before > 1);
    let (removed, _) = sweep(&logs.path, Day::of(at(NOON)), NOTHING).unwrap();
    assert_eq!(removed as usize, before - 1);
    logs.sink.write(&[line(NOON, "goes on")]);
    let left: Vec<String> = logs
        .files()
        .iter()
        .flat_map(|file| logs.messages(file))
        .collect();
    assert!(
        left.contains(&"5".to_owned()) && left.contains(&"goes on".to_owned()),
        "{left:?}"
    );
}
