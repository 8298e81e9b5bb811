//! What is executed as it was judged works as if it were executed by its name.

use std::fs;
use std::os::unix::fs::symlink;

use super::support::{Bench, code, command, end, failure, sh};
use super::swapped::{BACKENDS, bench, inside};
use crate::policy::{Access, WorkspaceAccess};
use crate::sandbox::{End, SandboxBackend};

#[tokio::test]
async fn a_link_to_a_directory_of_the_workspace_is_entered() {
    for backend in BACKENDS {
        let bench = bench(backend);
        fs::create_dir_all(bench.path().join("a/b")).unwrap();
        symlink("a", bench.path().join("relative")).unwrap();
        symlink(inside(&bench, "a/b"), bench.path().join("absolute")).unwrap();
        for (cwd, expected) in [
            ("relative/b", "a/b"),
            ("absolute", "a/b"),
            ("relative", "a"),
        ] {
            let mut spec = sh("pwd -P");
            spec.cwd = Some(cwd.into());
            let output = bench.run(spec).await;
            let expected = format!("{}\n", inside(&bench, expected));
            assert_eq!(String::from_utf8_lossy(&output.stdout.bytes), expected);
        }
    }
}

#[tokio::test]
async fn a_script_finds_what_lies_beside_it() {
    for backend in BACKENDS {
        let bench = bench(backend);
        fs::create_dir(bench.path().join("tools")).unwrap();
        fs::write(bench.path().join("tools/data"), "beside\n").unwrap();
        let script = b"#!/bin/sh -u\ncat \"$(dirname \"$0\")/data\"; echo \"$0 $#\" \"$@\"\n";
        let name = bench.executable("tools/run", script);
        symlink("tools/run", bench.path().join("link")).unwrap();
        let real = inside(&bench, "tools/run");
        for program in [name, inside(&bench, "link")] {
            let output = bench.run(command(&program, &["a b", ""])).await;
            let text = String::from_utf8_lossy(&output.stdout.bytes);
            assert_eq!(text, format!("beside\n{real} 2 a b \n"), "{output:?}");
        }
    }
}

#[tokio::test]
async fn a_scripts_first_line_is_read_as_the_kernel_does() {
    let bench = Bench::new();
    let print = bench.executable("print", b"#!/bin/sh\nfor one; do echo \"<$one>\"; done\n");
    let long = format!("#!{}/bin/sh\n", "/".repeat(300));
    for (line, expected) in [
        (format!("#!{print}\n"), Some("</workspace/script>\n<x>\n")),
        (
            format!("#! \t{print}  a b \t\n"),
            Some("<a b>\n</workspace/script>\n<x>\n"),
        ),
        (
            format!("#!{print} a"),
            Some("<a>\n</workspace/script>\n<x>\n"),
        ),
        ("#!\n".into(), None),
        ("#!".into(), None),
        ("#!  ".into(), None),
        (long, None),
    ] {
        let script = bench.executable("script", line.as_bytes());
        let output = bench.run(command(&script, &["x"])).await;
        match expected {
            Some(text) => assert_eq!(
                String::from_utf8_lossy(&output.stdout.bytes),
                text,
                "{line}"
            ),
            None => assert_eq!(failure(output.exit).errno, libc::ENOEXEC, "{line}"),
        }
    }
    let script = bench.executable("script", b"#!/usr/bin/no-such-interpreter\n");
    let refused = bench.try_run(command(&script, &[])).await.unwrap_err();
    let text = refused.to_string();
    assert!(
        text.contains("needs the interpreter /usr/bin/no-such-interpreter"),
        "{text}"
    );
}

#[tokio::test]
async fn a_program_keeps_its_name_and_finds_itself() {
    for backend in BACKENDS {
        let bench = bench(backend);
        symlink("/bin/sh", bench.path().join("my-shell")).unwrap();
        let name = inside(&bench, "my-shell");
        let output = bench.run(command(&name, &["-c", "echo $0"])).await;
        assert_eq!(output.stdout.bytes, format!("{name}\n").as_bytes());

        let readlink = bench.executable("readlink", &fs::read("/usr/bin/readlink").unwrap());
        let output = bench.run(command(&readlink, &["/proc/self/exe"])).await;
        let real = inside(&bench, "readlink");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout.bytes),
            format!("{real}\n")
        );
        // Nothing that the host has opened is left open.
        let ls = bench.executable("ls", &fs::read("/usr/bin/ls").unwrap());
        let output = bench.run(command(&ls, &["/proc/self/fd"])).await;
        assert_eq!(output.stdout.bytes, b"0\n1\n2\n3\n", "{output:?}");
    }
}

#[tokio::test]
async fn pythons_environments_work() {
    for backend in BACKENDS {
        let bench = bench(backend);
        let venv = bench.path().join("venv");
        fs::create_dir_all(venv.join("bin")).unwrap();
        fs::write(venv.join("pyvenv.cfg"), "home = /usr/bin\n").unwrap();
        symlink("/usr/bin/python3", venv.join("bin/python")).unwrap();
        let python = inside(&bench, "venv/bin/python");
        let print = "import sys; print(sys.prefix)";
        let script = bench.executable("script", format!("#!{python}\n{print}\n").as_bytes());
        let prefix = format!("{}\n", inside(&bench, "venv"));
        for spec in [command(&python, &["-c", print]), command(&script, &[])] {
            let output = bench.run(spec).await;
            assert_eq!(
                String::from_utf8_lossy(&output.stdout.bytes),
                prefix,
                "{output:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_program_of_a_read_only_workspace_cannot_be_written_by_itself() {
    for backend in [SandboxBackend::Bubblewrap, SandboxBackend::Landlock] {
        let bench = bench(backend);
        let shell = fs::read("/bin/sh").unwrap();
        let name = bench.executable("shell", &shell);
        // The second shell is no longer the file that it writes to.
        let script = "exec 3< /proc/self/exe; \
                      exec /bin/sh -c 'echo x >> /proc/self/fd/3 || echo x > /proc/self/fd/3'";
        let command = bench.allow(command(&name, &["-c", script]), WorkspaceAccess::ReadOnly);
        let output = bench.service.run(command, bench.context()).await.unwrap();
        assert_ne!(code(&output.exit), 0, "{output:?}");
        assert!(fs::read(bench.path().join("shell")).unwrap() == shell);
    }
}

#[tokio::test]
async fn an_order_for_what_nothing_can_change_needs_no_judging() {
    let bench = Bench::new();
    let (_child, ends) = bench.launch(Access::default(), &["/usr/bin/true"]).await;
    assert_eq!(end(ends), End::Code(0));
}
