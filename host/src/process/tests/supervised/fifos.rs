//! FIFOs and devices: the tree makes them where it alone looks, and none where the host's user
//! would open them and wait.

use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode};

use super::{BOTH, bench, python, python_on_the_network, seen};
use crate::process::tests::support::{Bench, sh};

const MAKE: &str = r#"
workspace = open("path").read()
os.mkfifo(own + "/fifo")
os.mkfifo(os.environ["HOME"] + "/fifo")
os.rename(own + "/fifo", own + "/other")
os.link(own + "/other", own + "/linked")
writer = threading.Thread(target=lambda: open(own + "/other", "w").write("through"))
writer.start()
assert open(own + "/linked").read() == "through"
writer.join()
print("own", flush=True)
os.mkdir(own + "/folder")
os.mkfifo(own + "/folder/.gitignore")
for name in [".gitignore", ".gitattributes", ".gitmodules", ".mailmap", "sub/.gitignore"]:
    attempt(name, lambda: os.mkfifo(name))
os.symlink(workspace, own + "/link")
directory = os.open(".", os.O_RDONLY)
attempt("descriptor", lambda: os.mkfifo("made", dir_fd=directory))
attempt("link", lambda: os.mkfifo(own + "/link/made"))
attempt("root", lambda: os.mkfifo("/proc/self/root" + workspace + "/made"))
attempt("socket", lambda: os.mknod("made", stat.S_IFSOCK | 0o600))
attempt("whiteout", lambda: os.mknod("made", stat.S_IFCHR | 0o600, 0))
attempt("device", lambda: os.mknod("made", stat.S_IFCHR | 0o600, os.makedev(1, 3)))
attempt("disk", lambda: os.mknod("made", stat.S_IFBLK | 0o600, os.makedev(7, 0)))
attempt("moved", lambda: os.rename(own + "/other", "made"))
attempt("hard link", lambda: os.link(own + "/other", "made"))
attempt("folder", lambda: os.rename(own + "/folder", "made"))
os.mkdir("empty")
AT_FDCWD, EXCHANGE, WHITEOUT = -100, 2, 4
def renamed(source, to, flags):
    call(316, AT_FDCWD, source.encode(), AT_FDCWD, to.encode(), flags)
attempt("exchanged", lambda: renamed(own + "/folder", "empty", EXCHANGE))
file = os.open(own + "/other", os.O_PATH)
attempt("descriptor linked", lambda: os.link("/proc/self/fd/%d" % file, "made", follow_symlinks=True))
attempt("renamed", lambda: os.rename("there", ".gitignore"))
attempt("there linked", lambda: os.link("there", ".gitignore"))
attempt("left behind", lambda: renamed("path", "elsewhere", WHITEOUT))
"#;

fn prepare(bench: &Bench) {
    fs::create_dir(bench.path().join("sub")).unwrap();
    let place = seen(bench);
    fs::write(bench.path().join("path"), place.to_str().unwrap()).unwrap();
    let there = bench.path().join("there");
    rustix::fs::mknodat(CWD, &there, FileType::Fifo, Mode::from(0o666), 0).unwrap();
}

/// What is neither a file nor a folder, at any depth.
fn special(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            special(&entry.path(), found);
        } else if kind.is_fifo()
            || kind.is_socket()
            || kind.is_char_device()
            || kind.is_block_device()
        {
            found.push(entry.file_name().into_string().unwrap());
        }
    }
}

#[tokio::test]
async fn no_fifo_is_made_where_the_host_would_wait_for_it() {
    for backend in BOTH {
        for on_the_network in [false, true] {
            let bench = bench(backend);
            prepare(&bench);
            let told = match on_the_network {
                false => python(&bench, MAKE, &[]).await,
                true => python_on_the_network(&bench, MAKE).await,
            };
            let mut lines = told.lines();
            assert_eq!(lines.next(), Some("own"), "{backend} {told}");
            assert_eq!(lines.clone().count(), 20, "{backend} {told}");
            assert!(lines.all(|line| !line.ends_with(" ok")), "{backend} {told}");
            let mut found = Vec::new();
            special(bench.path(), &mut found);
            assert_eq!(found, ["there"], "{backend} {told}");
        }
    }
}

/// What programs do with FIFOs of their own, and with files and folders beside them.
const PROGRAMS: &str = r#"
set -e
here=$PWD
cd "$TMPDIR"
mkfifo fifo "$HOME/fifo"
(echo through > fifo) & cat fifo; wait
mkdir copies; cp -a fifo copies/; tar cf all.tar copies; rm -r copies; tar xf all.tar
mv copies/fifo copies/other; test -p copies/other
mkdir folder; echo moved > folder/file
cd "$here"
bash -c 'cat <(echo substituted)'
printf 'all: a b
a b:
	@echo made
' > Makefile; make -s -j2
mv "$TMPDIR/folder" there; cat there/file
echo single > "$TMPDIR/file"; mv "$TMPDIR/file" file; cat file
mkdir -p deep/er; echo deep > deep/er/file; mv deep/er shallow; cat shallow/file
ln file second; mv second deep/; cat deep/second
if tar xf "$TMPDIR/all.tar" 2> errors; then echo unpacked; else grep -c fifo errors; fi
"#;

#[tokio::test]
async fn programs_use_fifos_where_nobody_else_looks() {
    for backend in BOTH {
        let bench = bench(backend);
        let output = bench.run(sh(PROGRAMS)).await;
        let told = String::from_utf8_lossy(&output.stdout.bytes);
        let expected = "through\nsubstituted\nmade\nmade\nmoved\nsingle\ndeep\nsingle\n1\n";
        assert_eq!(told, expected, "{backend} {output:?}");
        let mut found = Vec::new();
        special(bench.path(), &mut found);
        assert!(found.is_empty(), "{backend} {found:?}");
    }
}
