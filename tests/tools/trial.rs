//! One program: what it does outside, once, and whether it does the same inside.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::account::{Who, there};
use crate::left::{Left, of_others};
use crate::place::Place;
use crate::program::{Expected, Home, Program, Way};
use crate::support::{npm, root};

/// What a program did.
struct Did {
    code: String,
    stdout: String,
    stderr: String,
    left: Left,
}

/// A program, with what it did outside.
pub(crate) struct Tried {
    pub(crate) program: Program,
    outside: OnceLock<Result<Did, String>>,
}

impl Tried {
    pub(crate) fn new(program: Program) -> Self {
        Self {
            program,
            outside: OnceLock::new(),
        }
    }

    /// Runs the program inside, and compares. The error says what differs, or that nothing does
    /// where something is known to. Returns whether it did the same as outside.
    pub(crate) fn inside(&self, way: Way, place: &Place) -> Result<bool, String> {
        let outside = self.outside.get_or_init(|| self.run_outside(place));
        let outside = outside.as_ref().map_err(Clone::clone)?;
        let differences = self.compare(outside, way, place)?;
        let same = differences.is_empty();
        match self.program.expected(way) {
            Expected::Same if !same => Err(differences.join("\n")),
            Expected::Fails(why) if same && !place.records => Err(format!(
                "it works now, and `fails.toml` says that it does not: {why}\n\
                 BOLL_TOOLS_RECORD=1 cargo xtask tools {}",
                self.program.name
            )),
            Expected::Closed(why) if same => Err(format!(
                "it works now, and its file says that it cannot: {why}"
            )),
            _ => Ok(same),
        }
    }

    /// The first line that the program says of its version.
    pub(crate) fn version(&self) -> Result<String, String> {
        let program = &self.program;
        let told = Who::Ordinary
            .command("sh", Path::new("/"))
            .args(["-c", &program.version])
            .output();
        let told = told.expect("sh starts");
        if !told.status.success() {
            return Err(format!("it does not say its version: {}", shown(&told)));
        }
        let text = [told.stdout, told.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        Ok(text.lines().next().unwrap_or_default().trim().to_owned())
    }

    fn run_outside(&self, place: &Place) -> Result<Did, String> {
        let program = &self.program;
        let needs = match program.needs.as_slice() {
            [] => std::slice::from_ref(&program.program),
            needs => needs,
        };
        needs.iter().try_for_each(|needed| there(needed))?;
        let workspace = self.workspace(Who::Ordinary, place)?;
        let home = match program.home {
            Home::New => place.of(Who::Ordinary).join("home"),
            Home::Account => Who::Ordinary.account().dir,
        };
        let mut command = self.limited(Who::Ordinary, "sh", &home);
        command.args(["-euc", &program.command]);
        let ended = command.current_dir(workspace.path()).output();
        let ended = ended.expect("sh starts");
        let did = Did {
            code: ended.status.code().map_or(-1, i64::from).to_string(),
            stdout: self.rewritten(&String::from_utf8_lossy(&ended.stdout), workspace.path()),
            stderr: self.rewritten(&String::from_utf8_lossy(&ended.stderr), workspace.path()),
            left: Left::of(workspace.path(), &program.ignore),
        };
        // It is to work outside: nothing is shown by what fails on both sides.
        if ended.status.success() {
            Ok(did)
        } else {
            Err(format!("it fails outside: {}", shown(&ended)))
        }
    }

    /// Returns what is different inside.
    fn compare(&self, outside: &Did, way: Way, place: &Place) -> Result<Vec<String>, String> {
        let program = &self.program;
        let workspace = self.workspace(way.who(), place)?;
        let ended = self.boll(way, place, workspace.path());
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        let reply: Option<Value> = serde_json::from_slice(&ended.stdout).ok();
        let Some(output) = reply.as_ref().and_then(|reply| reply.get("ok")) else {
            // Also where it is known to fail: that is told by the program, and not by `boll`.
            return Err(format!("it did not start: {}", shown(&ended)));
        };
        let text = |name: &str| {
            let captured = output[name]["text"].as_str().unwrap_or_default();
            self.rewritten(captured, workspace.path())
        };
        let status = &output["exit"]["status"];
        let inside = Did {
            code: status
                .get("code")
                .map_or_else(|| output["exit"].to_string(), Value::to_string),
            stdout: text("stdout"),
            stderr: text("stderr"),
            left: Left::of(workspace.path(), &program.ignore),
        };
        let mut all = Vec::new();
        let mut compare = |what: &str, one: &str, two: &str| {
            if one != two {
                all.push(format!(
                    "--- {what} outside\n{one}\n--- {what} inside\n{two}"
                ));
            }
        };
        compare("exit code", &outside.code, &inside.code);
        compare("stdout", &outside.stdout, &inside.stdout);
        if program.ignore_stderr.is_none() {
            compare("stderr", &outside.stderr, &inside.stderr);
        }
        all.extend(outside.left.differences(&inside.left));
        all.extend(of_others(workspace.path()));
        if !all.is_empty() {
            all.push(format!(
                "--- stderr inside\n{}\n--- boll says\n{said}",
                inside.stderr
            ));
        }
        Ok(all)
    }

    /// Runs the capsule that runs the program.
    fn boll(&self, way: Way, place: &Place, workspace: &Path) -> Output {
        let (program, who) = (&self.program, way.who());
        let own = place.of(who);
        let folder = place.new_folder(who, "capsule-");
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            fs::write(&file, text).expect("written");
            who.own(&file);
            file
        };
        fs::hard_link(place.component(), folder.path().join("component.wasm"))
            .expect("the same file system");
        write(
            "Capsule.toml",
            &format!(
                "[capsule]\nid = \"guests\"\nversion = \"1.0.0\"\ncomponent = \"component.wasm\"\n\
                 [instance]\ntime-ms = 600000\n\
                 [[process]]\nprogram = \"sh\"\nworkspace = \"{}\"\n",
                program.workspace
            ),
        );
        let backend = way.backend();
        let more = if backend == "bubblewrap" {
            program.operator.as_str()
        } else {
            ""
        };
        let policy = write(
            "boll.toml",
            &format!("[sandbox]\nbackend = \"{backend}\"\n{more}"),
        );
        let payload = json!({
            "program": "sh", "args": ["-euc", program.command],
            "stdout": "ring:1048576", "stderr": "ring:1048576",
        });
        let payload = write("payload", &payload.to_string());
        let mut boll = self.limited(who, place.boll(), &own.join("home"));
        boll.env("XDG_CACHE_HOME", own.join("cache"))
            .arg("run")
            .arg(folder.path())
            .arg("run")
            .arg("--policy")
            .arg(policy)
            .arg("--payload-file")
            .arg(payload)
            .arg("--workspace")
            .arg(workspace)
            .args(["--allow", "process:sh"])
            .current_dir(&own);
        if program.workspace != "read-only" {
            boll.args(["--allow", "workspace:write"]);
        }
        // With `landlock` nothing is written without.
        if program.workspace == "read-write-git" || backend == "landlock" {
            boll.args(["--allow", "workspace:git"]);
        }
        boll.output().expect("boll starts")
    }

    /// A command that is ended when it takes too long.
    fn limited(&self, who: Who, program: impl AsRef<std::ffi::OsStr>, home: &Path) -> Command {
        let mut command = who.command("timeout", home);
        command
            .args(["--kill-after=10", &self.program.timeout_s.to_string()])
            .arg(program);
        command
    }

    /// A new workspace in which the program has been set up.
    fn workspace(&self, who: Who, place: &Place) -> Result<TempDir, String> {
        let program = &self.program;
        let folder = place.new_folder(who, "workspace-");
        for name in &program.files {
            let file = folder.path().join(name);
            fs::copy(root().join("tests/tools/files").join(name), &file).expect("copied");
            who.own(&file);
        }
        let home = place.of(who).join("home");
        if let Some(packages) = &program.npm {
            let mut copy = Command::new("cp");
            copy.args(["-R", "--no-preserve=ownership"])
                .arg(npm::installed(packages).join("node_modules"))
                .arg(folder.path());
            assert!(copy.status().is_ok_and(|status| status.success()), "copied");
            let account = who.account();
            let mut own = Command::new("chown");
            own.arg("-hR")
                .arg(format!("{}:{}", account.uid, account.gid))
                .arg(folder.path());
            assert!(own.status().is_ok_and(|status| status.success()), "chown");
        }
        let mut setup = self.limited(who, "sh", &home);
        setup.args(["-euc", &program.setup]);
        let ended = setup.current_dir(folder.path()).output();
        let ended = ended.expect("sh starts");
        if ended.status.success() {
            Ok(folder)
        } else {
            Err(format!("its set-up failed: {}", shown(&ended)))
        }
    }

    /// Output as it is compared: the workspace has one name, and the program's own lines hold.
    fn rewritten(&self, text: &str, workspace: &Path) -> String {
        let path = workspace.to_str().expect("UTF-8");
        let text = text.replace(path, "/workspace");
        if self.program.rewrite.is_empty() {
            return text;
        }
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), text).expect("written");
        let mut sed = Command::new("sed");
        sed.arg("-E");
        for line in &self.program.rewrite {
            sed.args(["-e", line]);
        }
        let rewritten = sed.arg(file.path()).output().expect("sed starts");
        assert!(rewritten.status.success(), "{}", shown(&rewritten));
        String::from_utf8_lossy(&rewritten.stdout).into_owned()
    }
}

fn shown(ended: &Output) -> String {
    format!(
        "{}\n{}\n{}",
        ended.status,
        String::from_utf8_lossy(&ended.stdout),
        String::from_utf8_lossy(&ended.stderr)
    )
}
