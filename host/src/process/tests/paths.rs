//! Programs, interpreters and the workspace by the paths that the host has for them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::support::{Bench, code, command, full_at_end, sh};
use crate::policy::{Access, WorkspaceAccess};
use crate::process::{Output, ProcessError};
use crate::sandbox::{ProgramError, SandboxBackend, SandboxSettings};

/// A folder that others may enter, with a tool in its `bin`.
fn toolchain() -> tempfile::TempDir {
    let folder = tempfile::tempdir_in("/var/lib").or_else(|_| tempfile::tempdir());
    let folder = folder.unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    executable(
        &folder.path().join("bin/tool"),
        "#!/bin/sh\necho tool $0 $SETTING\n",
    );
    folder
}

fn executable(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout.bytes).into_owned()
}

#[tokio::test]
async fn a_shown_folder_of_programs_is_looked_up_first_by_everybody() {
    for backend in [SandboxBackend::Bubblewrap, SandboxBackend::Landlock] {
        let tools = toolchain();
        let bench = Bench::with_settings(|settings| {
            settings.backend = backend;
            settings.read_only = vec![tools.path().into()];
            settings.path = vec![tools.path().join("bin")];
            let set = [("SETTING", "operators"), ("OTHER", "x")];
            let set = set.map(|(name, value)| (name.to_owned(), value.to_owned()));
            settings.variables = set.into_iter().collect();
        });
        let own = tools.path().join("bin/tool").display().to_string();
        let output = bench.run(command("tool", &[])).await;
        assert_eq!(
            text(&output),
            format!("tool {own} operators\n"),
            "{backend}"
        );
        let output = bench.run(sh("tool; echo $OTHER")).await;
        assert_eq!(
            text(&output),
            format!("tool {own} operators\nx\n"),
            "{backend}"
        );
        let mut spec = command("tool", &[]);
        spec.env = vec![("SETTING".into(), "commands".into())];
        let output = bench.run(spec).await;
        assert_eq!(text(&output), format!("tool {own} commands\n"), "{backend}");
        let output = bench
            .run(sh("touch $(dirname $(command -v tool))/new"))
            .await;
        assert_ne!(code(&output.exit), 0);
        assert!(!tools.path().join("bin/new").exists());
    }
}

#[tokio::test]
async fn a_link_to_a_program_that_is_not_shown_says_so() {
    let tools = toolchain();
    let bench = Bench::with_settings(|_| {});
    let tool = tools.path().join("bin/tool");
    symlink(&tool, bench.path().join("linked")).unwrap();
    let error = bench
        .service
        .sandbox()
        .resolve("/workspace/linked")
        .unwrap_err();
    let ProgramError::NotShown { at, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(*at, tool);
    assert!(error.to_string().contains("read-only = ["), "{error}");
}

#[tokio::test]
async fn a_link_on_the_way_to_what_is_shown_is_there_too() {
    let tools = toolchain();
    let current = tools.path().with_extension("current");
    let bench = Bench::with_settings(|settings| {
        settings.read_only = vec![tools.path().into()];
        settings.links = vec![(current.clone(), tools.path().into())];
    });
    symlink(current.join("bin/tool"), bench.path().join("linked")).unwrap();
    let output = bench.run(command("/workspace/linked", &[])).await;
    assert!(text(&output).starts_with("tool "), "{output:?}");
    let script = format!("{}/bin/tool", current.display());
    let output = bench.run(sh(&script)).await;
    assert!(text(&output).starts_with("tool "), "{output:?}");
}

#[tokio::test]
async fn what_this_machine_has_elsewhere_is_told_to_the_host_only() {
    let tools = toolchain();
    let bench =
        Bench::with_settings(|settings| settings.elsewhere = vec![tools.path().join("bin")]);
    let sandbox = bench.service.sandbox();
    let error = sandbox.resolve("tool").unwrap_err();
    assert_eq!(error, ProgramError::NotFound("tool".into()));
    assert!(!error.to_string().contains("bin"), "{error}");
    assert_eq!(
        sandbox.elsewhere("tool"),
        Some(tools.path().join("bin/tool"))
    );
    for name in ["other", "../bin/tool", "", ".."] {
        assert_eq!(sandbox.elsewhere(name), None, "{name}");
    }
}

#[tokio::test]
async fn a_script_without_its_interpreter_says_which_it_needs() {
    let tools = toolchain();
    let tool = tools.path().join("bin/tool");
    let bench = Bench::with_settings(|_| {});
    let by_path = tool.display().to_string();
    for (first_line, needs, not_shown) in [
        (by_path.as_str(), by_path.as_str(), true),
        ("/usr/bin/no-such-thing -x", "/usr/bin/no-such-thing", false),
        ("/usr/bin/env no-such-thing", "no-such-thing", false),
        ("/usr/bin/env -S no-such-thing -x", "no-such-thing", false),
    ] {
        let script = bench.executable("script", format!("#!{first_line}\n").as_bytes());
        let error = bench.try_run(command(&script, &[])).await.unwrap_err();
        assert!(matches!(error, ProcessError::NoInterpreter(_)), "{error}");
        let text = error.to_string();
        assert!(
            text.contains(&format!("needs the interpreter {needs}")),
            "{text}"
        );
        assert_eq!(text.contains("read-only = ["), not_shown, "{text}");
    }
    for first_line in ["/bin/sh", "/usr/bin/env sh", "/usr/bin/env -i sh"] {
        let script = format!("#!{first_line}\necho ran\n");
        let script = bench.executable("script", script.as_bytes());
        let output = bench.run(command(&script, &[])).await;
        let ran = text(&output) == "ran\n" || first_line.contains("-i");
        assert!(ran, "{first_line}: {output:?}");
    }
}

#[tokio::test]
async fn the_workspace_is_found_under_its_own_path() {
    let bench = Bench::with_settings(|settings| settings.own_path = true);
    let own = bench.path().canonicalize().unwrap();
    executable(&own.join("venv/bin/python"), "#!/bin/sh\necho python $1\n");
    // A script of a script, as the kernel runs it.
    let script = format!("#!{}/venv/bin/python\n", own.display());
    executable(&own.join("venv/bin/pip"), &script);
    symlink(own.join("venv/bin/pip"), own.join("linked")).unwrap();
    let by_path = own.join("venv/bin/pip").display().to_string();
    for program in ["/workspace/venv/bin/pip", "/workspace/linked", &by_path] {
        let output = bench.run(command(program, &[])).await;
        assert!(
            text(&output).starts_with("python "),
            "{program}: {output:?}"
        );
    }
    let shown = own.display();
    let script = format!("touch {shown}/made && cd {shown} && pwd -P && realpath {shown}/made");
    let output = bench.run(sh(&script)).await;
    assert_eq!(text(&output), "/workspace\n/workspace/made\n", "{output:?}");
    assert!(own.join("made").exists());
    // Read-only is read-only under both.
    let script = format!("touch {shown}/other || touch /workspace/other");
    let refused = bench.allow(sh(&script), WorkspaceAccess::ReadOnly);
    let output = bench.service.run(refused, bench.context()).await.unwrap();
    assert_ne!(code(&output.exit), 0);
    assert!(!own.join("other").exists());
}

#[tokio::test]
async fn what_git_obeys_is_read_only_under_the_workspaces_own_path_too() {
    let bench = Bench::prepared(|path| {
        let made = std::process::Command::new("git")
            .args(["init", "-q"])
            .arg(path)
            .status();
        assert!(made.unwrap().success());
    });
    let own = bench.path().canonicalize().unwrap();
    let shown = own.display();
    let config = fs::read(own.join(".git/config")).unwrap();
    let script = format!(
        "(echo x >> {shown}/.git/config && echo wrote; touch {shown}/.git/hooks/post-commit && echo made; \
         mv {shown}/.git {shown}/git && echo moved; rm -f {shown} && mkdir -p {shown}/.git && echo own) \
         2> /dev/null; true"
    );
    let output = bench.run(sh(&script)).await;
    // What replaces the link is the sandbox's own, and goes with it.
    assert!(matches!(&*text(&output), "" | "own\n"), "{output:?}");
    assert_eq!(fs::read(own.join(".git/config")).unwrap(), config);
    assert!(!own.join(".git/hooks/post-commit").exists());
}

#[tokio::test]
async fn a_path_that_is_private_is_not_shown_inside() {
    let bench = Bench::with_settings(|settings| settings.own_path = false);
    let own = bench.path().canonicalize().unwrap();
    let script = format!("ls {}", own.display());
    assert_ne!(code(&bench.run(sh(&script)).await.exit), 0);
    executable(&own.join("python"), "#!/bin/sh\n");
    executable(&own.join("pip"), &format!("#!{}/python\n", own.display()));
    let error = bench
        .try_run(command("/workspace/pip", &[]))
        .await
        .unwrap_err();
    let told = error
        .to_string()
        .replace(&*own.to_string_lossy(), "/srv/other");
    executable(&own.join("pip"), "#!/srv/other/python\n");
    let error = bench
        .try_run(command("/workspace/pip", &[]))
        .await
        .unwrap_err();
    // Who guesses the path is told what is told of any.
    assert_eq!(error.to_string(), told);
    for (path, private) in [
        ("/home/me/project", true),
        ("/root/project", true),
        ("/srv/project", false),
    ] {
        assert_eq!(SandboxSettings::new(path).own_path, !private, "{path}");
    }
}

#[tokio::test]
async fn git_works_whoever_owns_the_workspace() {
    let bench = Bench::with_settings(|_| {});
    let output = bench.run(sh("git config --get-all safe.directory")).await;
    assert_eq!(text(&output), "*\n", "{output:?}");
}

#[tokio::test]
async fn a_full_home_is_told_with_its_setting() {
    let bench = Bench::with_settings(|settings| settings.home_bytes = 1 << 20);
    let access = Access::default();
    for (script, expected) in [
        (
            "head -c 2000000 /dev/zero > /home/capsule/cache",
            &["/home/capsule"][..],
        ),
        ("head -c 200000 /dev/zero > /home/capsule/cache", &[]),
    ] {
        let (child, ends) = bench.launch(access, &["/bin/sh", "-c", script]).await;
        assert_eq!(full_at_end(ends), expected, "{script}");
        child.gone().await.unwrap();
    }
}
