use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::sync::Mutex;

use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_change, unmount,
};
use rustix::process::geteuid;
use rustix::thread::{CapabilitySet, UnshareFlags};

use super::*;
use crate::without::Need;

/// Does something, and gives what it says on `tracing`, a line an event.
fn said(work: impl FnOnce()) -> Vec<String> {
    #[derive(Clone, Default)]
    struct Said(Arc<Mutex<Vec<u8>>>);
    impl io::Write for Said {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let said = Said::default();
    let writer = said.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    tracing::subscriber::with_default(subscriber, work);
    let text = String::from_utf8(said.0.lock().unwrap().clone()).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn lost(lines: &[Value]) -> Vec<(u64, &str)> {
    let notes = lines.iter().filter(|line| line["source"] == "host");
    notes
        .map(|line| {
            let count = line["fields"]["lost"].as_u64().unwrap();
            (count, line["message"].as_str().unwrap())
        })
        .collect()
}

/// The lines of all of ann's files: notes are of today.
fn anns(logs: &Logs) -> Vec<Value> {
    let files = logs.files();
    let anns = files
        .iter()
        .filter(|file| file.starts_with("principals/ann/"));
    anns.flat_map(|file| logs.read(file)).collect()
}

/// On a thread of its own, and without what lets root pass over permissions.
fn as_an_ordinary_user(work: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let mut sets = rustix::thread::capabilities(None).unwrap();
            sets.effective
                .remove(CapabilitySet::DAC_OVERRIDE | CapabilitySet::DAC_READ_SEARCH);
            rustix::thread::set_capabilities(None, sets).unwrap();
            work();
        });
        thread.join().unwrap();
    });
}

#[test]
fn without_permission_it_goes_on_counts_says_so_and_recovers() {
    as_an_ordinary_user(|| {
        let mut logs = logs(keeping_all());
        let permit = |mode: u32| {
            fs::set_permissions(&logs.path, fs::Permissions::from_mode(mode)).unwrap();
        };
        permit(0o500);
        let events = said(|| {
            for n in 0..100 {
                logs.sink
                    .write(&[line(NOON, &n.to_string()), line(NOON, "two")]);
                logs.sink.tick();
            }
        });
        assert_eq!(events.len(), 1, "{events:#?}");
        assert!(events[0].contains("Permission denied"), "{events:?}");
        assert!(
            events[0].contains("log lines cannot be written"),
            "{events:?}"
        );
        assert!(logs.files().is_empty());

        permit(0o700);
        let events = said(|| logs.sink.tick());
        assert_eq!(events.len(), 1, "{events:#?}");
        assert!(
            events[0].contains("log lines are written again lost=200"),
            "{events:?}"
        );
        logs.sink.write(&[line(NOON, "after")]);
        let lines = anns(&logs);
        let notes = lost(&lines);
        assert_eq!(notes.len(), 1);
        assert_eq!(notes[0].0, 200);
        assert!(notes[0].1.contains("Permission denied"), "{notes:?}");
        assert!(messages(&lines).contains(&"after".to_owned()));
        // The note is attributed as the lines were.
        let note = lines.iter().find(|line| line["source"] == "host").unwrap();
        assert_eq!(
            (&note["capsule"], &note["principal"]),
            (&"sample".into(), &"ann".into())
        );
    });
}

#[test]
fn a_full_disk_costs_lines_that_are_counted_and_no_more() {
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    std::thread::scope(|scope| {
        let on_a_small_disk = || {
            let around = tempfile::tempdir().unwrap();
            let mounted = small_disk(around.path());
            let lacking = mounted.err().map(|error| error.to_string());
            let need = match geteuid().is_root() {
                true => Need::Mounts,
                false => Need::Root,
            };
            if need.is_met(lacking.as_deref()) {
                fill_and_free(around.path());
                unmount(around.path(), UnmountFlags::DETACH).unwrap();
            }
        };
        let thread = std::thread::Builder::new().name(test);
        thread.spawn_scoped(scope, on_a_small_disk).unwrap();
    });
}

/// Mounts a quarter of a MiB, for this thread alone.
#[allow(unsafe_code, reason = "see below")]
fn small_disk(at: &Path) -> io::Result<()> {
    // SAFETY: mount namespaces concern no memory and no descriptor.
    unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNS)? };
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", private)?;
    mount(
        "none",
        at,
        "tmpfs",
        MountFlags::empty(),
        c"size=256k,mode=700",
    )?;
    Ok(())
}

fn fill_and_free(disk: &Path) {
    let path = disk.join("logs");
    let mut sink = open(&path, keeping_all());
    let text = "x".repeat(1000);
    let mut sent = 0;
    let mut send = |sink: &mut FileSink, batches: u32| {
        for _ in 0..batches {
            let lines: Vec<LogLine> = (0..10).map(|_| line(NOON, &text)).collect();
            sink.write(&lines);
            sent += lines.len();
        }
    };
    // More than fits.
    let events = said(|| send(&mut sink, 50));
    assert_eq!(events.len(), 1, "{events:#?}");
    assert!(events[0].contains("No space left on device"), "{events:?}");

    // Room again: what was written is moved to where there is some.
    let kept = tempfile::tempdir().unwrap();
    let full = kept.path().join("full.jsonl");
    fs::copy(path.join(ANN), &full).unwrap();
    fs::remove_file(path.join(ANN)).unwrap();
    sink.tick();
    send(&mut sink, 1);

    let written = fs::read_to_string(full).unwrap();
    // One may have been cut off, and counts as lost.
    let whole = |line: &&str| serde_json::from_str::<Value>(line).is_ok();
    let written = written.lines().filter(whole).count();
    let mut after = Vec::new();
    for file in files(&path) {
        after.extend(read(&path.join(file)));
    }
    let notes = lost(&after);
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].1.contains("No space left on device"));
    let lost = usize::try_from(notes[0].0).unwrap();
    assert!(lost > 0);
    let lines = after.len() - notes.len();
    assert_eq!(written + lines + lost, sent);
}

#[test]
fn a_folder_that_is_removed_is_made_anew_and_no_line_is_lost() {
    let mut logs = logs(keeping_all());
    logs.sink.write(&[line(NOON, "before")]);
    fs::remove_dir_all(&logs.path).unwrap();
    let events = said(|| logs.sink.write(&[line(NOON, "after")]));
    assert_eq!(logs.messages(ANN), ["after"]);
    assert_eq!(events.len(), 1, "{events:#?}");
    assert!(events[0].contains("made again"), "{events:?}");
}

#[test]
fn a_file_that_is_removed_is_made_anew() {
    let mut logs = logs(keeping_all());
    logs.sink.write(&[line(NOON, "before")]);
    fs::remove_dir_all(logs.path.join("principals")).unwrap();
    logs.sink.write(&[line(NOON, "after")]);
    assert_eq!(logs.messages(ANN), ["after"]);
}

#[test]
fn a_folder_that_is_moved_away_is_made_anew() {
    let mut logs = logs(keeping_all());
    logs.sink.write(&[line(NOON, "before")]);
    let moved = logs.path.with_file_name("moved");
    fs::rename(&logs.path, &moved).unwrap();
    logs.sink.tick();
    logs.sink.write(&[line(NOON, "after")]);
    assert_eq!(logs.messages(ANN), ["after"]);
    assert_eq!(messages(&read(&moved.join(ANN))), ["before"]);
}

#[test]
fn what_was_planted_in_the_folder_is_neither_followed_nor_changed() {
    let mut logs = logs(keeping_all());
    let victim = logs.path.with_file_name("victim");
    let elsewhere = logs.path.with_file_name("elsewhere");
    fs::write(&victim, "untouched").unwrap();
    fs::create_dir(&elsewhere).unwrap();
    let folder = logs.path.join("principals/ann/sample");
    fs::create_dir_all(&folder).unwrap();
    for folder in folder.ancestors().take(3) {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    }
    symlink(&victim, logs.path.join(ANN)).unwrap();
    symlink(&elsewhere, logs.path.join("host")).unwrap();
    logs.sink.write(&[
        line(NOON, "to a link"),
        of(None, NOON, "to a linked folder"),
    ]);
    // A pipe that nobody reads holds nothing up.
    let bob = logs.path.join("principals/bob/sample");
    fs::create_dir_all(&bob).unwrap();
    for folder in bob.ancestors().take(2) {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    }
    let pipe = bob.join("2024-05-06.jsonl");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    logs.sink
        .write(&[of(origin("sample", Some("bob")), NOON, "to a pipe")]);

    assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
    assert!(files(&elsewhere).is_empty());

    fs::remove_file(logs.path.join(ANN)).unwrap();
    fs::remove_file(logs.path.join("host")).unwrap();
    fs::remove_file(&pipe).unwrap();
    logs.sink.tick();
    let mut notes = 0;
    for file in logs.files() {
        notes += lost(&logs.read(&file))
            .iter()
            .map(|(count, _)| count)
            .sum::<u64>();
    }
    assert_eq!(notes, 3);
}
