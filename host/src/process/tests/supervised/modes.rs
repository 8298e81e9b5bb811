//! The set-group-id bit: for folders, and for nothing else.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::{BOTH, bench, python};
use crate::policy::WorkspaceAccess;
use crate::process::tests::support::{Bench, sh};
use crate::sandbox::SandboxBackend;

const MODES: &str = r#"
os.mkdir("folder")
os.chmod("folder", 0o2775)
os.symlink("folder", "to-folder")
os.symlink("file", "to-file")
open("file", "w").close()
def mode(path):
    return oct(stat.S_IMODE(os.stat(path).st_mode))
print(mode("folder"))
os.chmod("folder", 0o755)
folder = os.open("folder", os.O_RDONLY)
os.fchmod(folder, 0o2750)
print(mode("folder"))
here = os.open(".", os.O_RDONLY)
os.chmod("to-folder", 0o2711, dir_fd=here)
print(mode("folder"))
os.chmod("/proc/self/fd/%d" % folder, 0o2700)
print(mode("folder"))
call(452, here, b"folder", 0o2770, 0x100)
print(mode("folder"))
call(452, folder, b"", 0o2771, 0x1000)
print(mode("folder"))
file = os.open("file", os.O_RDWR)
attempt("file", lambda: os.chmod("file", 0o2755))
attempt("link", lambda: os.chmod("to-file", 0o2755))
attempt("link itself", lambda: call(452, here, b"to-folder", 0o2755, 0x100))
attempt("descriptor", lambda: os.fchmod(file, 0o2755))
attempt("descriptor's path", lambda: os.chmod("/proc/self/fd/%d" % file, 0o2755))
attempt("both", lambda: os.chmod("folder", 0o6755))
attempt("flags", lambda: call(452, here, b"folder", 0o2755, 0x1))
attempt("missing", lambda: os.chmod("missing", 0o2755))
attempt("made", lambda: os.open("made", os.O_CREAT | os.O_WRONLY, 0o2755))
attempt("outside", lambda: os.chmod(sys.argv[1], 0o2755))
attempt("system", lambda: os.chmod("/usr", 0o2755))
"#;

#[tokio::test]
async fn folders_get_the_set_group_id_bit_and_files_do_not() {
    for backend in BOTH {
        let shown = tempfile::tempdir().unwrap();
        let bench = Bench::with_settings(|settings| {
            settings.backend = backend;
            settings.read_only.push(shown.path().into());
        });
        let told = python(&bench, MODES, &[shown.path().to_str().unwrap()]).await;
        let read_only = match backend {
            SandboxBackend::Bubblewrap => "EROFS",
            _ => "EPERM",
        };
        let expected = format!(
            "0o2775\n0o2750\n0o2711\n0o2700\n0o2770\n0o2771\nfile EPERM\nlink EPERM\n\
             link itself EPERM\ndescriptor EPERM\ndescriptor's path EPERM\nboth EPERM\n\
             flags EINVAL\nmissing ENOENT\nmade EPERM\noutside {read_only}\nsystem {read_only}\n"
        );
        assert_eq!(told, expected, "{backend}");
        let mode = |path: &Path| fs::symlink_metadata(path).unwrap().mode() & 0o7777;
        assert_eq!(mode(&bench.path().join("folder")), 0o2771);
        assert_eq!(mode(&bench.path().join("file")) & 0o6000, 0);
        assert_eq!(mode(shown.path()) & 0o6000, 0);
    }
}

#[tokio::test]
async fn a_folder_that_is_only_read_keeps_its_mode() {
    for backend in BOTH {
        let bench = bench(backend);
        fs::create_dir(bench.path().join("folder")).unwrap();
        let script = sh("chmod 2775 folder; chmod g+s . ; true");
        let command = bench.allow(script, WorkspaceAccess::ReadOnly);
        bench.service.run(command, bench.context()).await.unwrap();
        for path in [bench.path().join("folder"), bench.path().into()] {
            assert_eq!(fs::metadata(path).unwrap().mode() & 0o6000, 0, "{backend}");
        }
    }
}

#[tokio::test]
async fn copies_and_archives_keep_the_bit_of_folders() {
    for backend in BOTH {
        let bench = bench(backend);
        let script = "mkdir -p a/b && chmod 2775 a a/b && chmod 755 a/b && cp -a a copy && \
                      tar cf x.tar a && mkdir out && tar xpf x.tar -C out && \
                      stat -c %a a a/b copy copy/b out/a out/a/b";
        let modes = "2775\n2755\n".repeat(3);
        assert_eq!(bench.sh(script).await, modes, "{backend}");
    }
}
