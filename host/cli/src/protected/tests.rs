//! What building takes from elsewhere, one way after the other: each has a folder that
//! must not be written, and does not affect the folder next to it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::search::{LIMITS, Limits, Search, TooMuch};
use super::*;

mod broken;
mod executed;
mod ordinary;
mod several;

/// The files of a case, each with its content. The folder `capsule` is built; a name that
/// ends with `@` is a link.
type Files = &'static [(&'static str, &'static str)];

fn plant(root: &Path, files: Files) {
    for (name, content) in files {
        let path = root.join(name.trim_end_matches('@'));
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        if name.ends_with('@') {
            symlink(content, path).expect("a link");
        } else {
            let content = content.replace("ROOT", &root.display().to_string());
            fs::write(path, content).expect("written");
        }
    }
    for name in ["capsule", "ws/sub", "beside"] {
        fs::create_dir_all(root.join(name)).expect("folders");
    }
}

fn searched(root: &Path, limits: Limits) -> Result<Vec<PathBuf>, TooMuch> {
    let project = root.join("capsule");
    let search = Search::new(&project, None, limits);
    let found = search.run(&[root.join("settings")])?;
    Ok(found.into_iter().collect())
}

/// Returns whether writing a folder would be refused.
fn refused(places: &[PathBuf], folder: &Path) -> bool {
    let overlaps = |place: &PathBuf| place.starts_with(folder) || folder.starts_with(place);
    places.iter().any(overlaps)
}

fn closes(ways: &[Files]) {
    let mut open = Vec::new();
    for files in ways {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a path");
        plant(&root, files);
        let places = searched(&root, LIMITS).expect("few files");
        if !refused(&places, &root.join("ws")) {
            open.push(format!("not found: {files:?}"));
        }
        if refused(&places, &root.join("beside")) {
            open.push(format!("too much: {files:?}: {places:?}"));
        }
    }
    assert!(open.is_empty(), "{}", open.join("\n"));
}

#[test]
fn what_cargo_reads_is_found() {
    closes(&[
        &[("capsule/Cargo.toml", "a = { path = \"../ws\" }")],
        &[
            (
                "capsule/Cargo.toml",
                "[dependencies]\na = { path = \"../a\" }",
            ),
            ("a/Cargo.toml", "[dependencies]\nb = { path = \"../b/c\" }"),
            (
                "b/c/Cargo.toml",
                "[dependencies]\nc = { path = \"../../ws/sub\" }",
            ),
        ],
        &[(
            "capsule/Cargo.toml",
            "[patch.crates-io]\na = { path = \"../ws\" }",
        )],
        &[(
            "capsule/Cargo.toml",
            "[replace]\n\"a:1.0.0\" = { path = \"../ws\" }",
        )],
        &[("capsule/Cargo.toml", "[workspace]\nmembers = [\"../ws/*\"]")],
        &[("capsule/Cargo.toml", "[package]\nworkspace = \"../ws\"")],
        &[("capsule/Cargo.toml", "[package]\nbuild = \"../ws/x.rs\"")],
        &[(
            "capsule/Cargo.toml",
            "[package]\nbuild = \"src/../../ws/x.rs\"",
        )],
        &[(
            "capsule/Cargo.toml",
            "[lib]\npath = \"\\u002e\\u002e/ws/lib.rs\"",
        )],
        &[
            (
                "capsule/Cargo.toml",
                "[dependencies]\na = { workspace = true }",
            ),
            (
                "Cargo.toml",
                "[workspace.dependencies]\na = { path = \"ws\" }",
            ),
        ],
        &[("Cargo.toml", "[workspace]\nmembers = [\"capsule\", \"ws\"]")],
        &[(
            "Cargo.toml",
            "[workspace]\nmembers = [\"capsule\", \"ws/*\"]",
        )],
        &[("Cargo.toml", "[patch.crates-io]\na = { path = \"ws/sub\" }")],
        &[("Cargo.toml@", "ws/Cargo.toml"), ("ws/Cargo.toml", "")],
        &[(
            "capsule/.cargo/config.toml",
            "[build]\nrustc-wrapper = \"../ws/wrap\"",
        )],
        &[(".cargo/config.toml", "[build]\nrustc-wrapper = \"ws/wrap\"")],
        &[(".cargo/config", "[build]\nrustc-wrapper = \"ws/wrap\"")],
        &[(
            ".cargo/config.toml",
            "[target.wasm32-wasip2]\nrunner = [\"ws/run\", \"-x\"]",
        )],
        &[(".cargo/config.toml", "paths = [\"ws\"]")],
        &[(".cargo/config.toml", "include = \"../ws/more.toml\"")],
        &[(".cargo/config.toml", "[build]\ntarget-dir = \"ws/target\"")],
        &[(".cargo/config.toml", "[source.x]\ndirectory = \"ws\"")],
        &[(
            ".cargo/config.toml",
            "[build]\nrustflags = [\"-Clinker=ROOT/ws/ld\"]",
        )],
        &[(".cargo@", "ws/cargo"), ("ws/cargo/config.toml", "")],
        &[(".cargo/config.toml@", "../ws/config.toml")],
        &[("rust-toolchain.toml", "[toolchain]\npath = \"ws/tools\"")],
        &[(
            "capsule/build.rs",
            "include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../ws/x.rs\"));",
        )],
        &[("capsule/build.rs", "Command::new(\"ROOT/ws/tool\")")],
        &[("capsule/src/lib.rs", "#[path = \"../../ws/x.rs\"]\nmod x;")],
        &[("capsule/src/lib.rs", "include!(\"ROOT/ws/x.rs\");")],
    ]);
}

#[test]
fn what_make_reads_is_found() {
    closes(&[
        &[("capsule/GNUmakefile", "all:\n\tsh ../ws/x.sh")],
        &[("capsule/makefile", "all:\n\tsh ../ws/x.sh")],
        &[
            ("capsule/Makefile", "all:\n\tmake -C sub"),
            ("capsule/sub/Makefile", "include ../../ws/x.mk"),
        ],
        &[("capsule/Makefile", "include ../ws/x.mk")],
        &[("capsule/Makefile", "-include ../ws/not/there.mk")],
        &[("capsule/Makefile", "sinclude ROOT/ws/x.mk # it")],
        &[("capsule/Makefile", "all:\n\t$(MAKE) -C ../ws")],
        &[("capsule/Makefile", "all:\n\t$(MAKE) -C../ws")],
        &[("capsule/Makefile", "all:\n\t$(MAKE) --directory=../ws")],
        &[
            ("capsule/Makefile", "include ../lib/x.mk"),
            ("lib/x.mk", "include ../ws/y.mk"),
        ],
        &[
            ("capsule/Makefile", "all:\n\tmake -C .."),
            ("Makefile", "all:\n\tsh ws/x.sh"),
        ],
        &[
            ("capsule/Makefile", "all:\n\tcd .. && sh ws/x.sh"),
            ("ws/x.sh", ""),
        ],
        &[("capsule/Makefile", "TOP := ..\ninclude $(TOP)/ws/x.mk")],
        &[("capsule/Makefile", "include $(CURDIR)/../ws/x.mk")],
        &[("capsule/Makefile", "include ../ws/$(NAME).mk")],
        &[("capsule/Makefile", "CFLAGS += -I../ws")],
        &[
            ("capsule/Makefile", "all:\n\tmake -C sub -f ../../ws/x.mk"),
            ("capsule/sub/x", ""),
        ],
        &[
            ("capsule/Makefile", "all:\n\tcd ../a/b && sh ../../ws/x.sh"),
            ("a/b/x", ""),
        ],
        &[
            ("capsule/sub/Makefile", "all:\n\tmake -C .."),
            ("capsule/Makefile", "all:\n\tmake -C .."),
            ("Makefile", "all:\n\tsh ws/x.sh"),
        ],
        &[("capsule/Makefile", "VPATH = ../ws")],
        &[
            ("capsule/a.c@", "../lib/deep/a.c"),
            ("lib/deep/a.c", "#include \"../ws/x.h\""),
        ],
        &[
            ("capsule/Makefile", "all:\n\tsh tools/x"),
            ("capsule/tools/x", "../ws/y"),
        ],
        &[
            ("capsule/Makefile@", "../lib/Makefile"),
            ("lib/Makefile", "include ../ws/x.mk"),
        ],
        &[("capsule/a.c", "#include \"../ws/x.h\"")],
    ]);
}

#[test]
fn what_npm_and_its_tools_read_is_found() {
    closes(&[
        &[(
            "capsule/package.json",
            r#"{"dependencies": {"a": "file:../ws"}}"#,
        )],
        &[(
            "capsule/package.json",
            r#"{"dependencies": {"a": "link:..\/ws"}}"#,
        )],
        &[(
            "capsule/package.json",
            r#"{"dependencies": {"a": "portal:../ws"}}"#,
        )],
        &[(
            "capsule/package.json",
            r#"{"dependencies": {"a": "../ws"}}"#,
        )],
        &[("capsule/package.json", r#"{"workspaces": ["../ws/*"]}"#)],
        &[(
            "capsule/package.json",
            r#"{"scripts": {"build": "node ../ws/build.js"}}"#,
        )],
        &[
            (
                "capsule/package.json",
                r#"{"scripts": {"build": "node build.js"}}"#,
            ),
            ("capsule/build.js", "run('ROOT/ws/x')"),
        ],
        &[
            (
                "capsule/package.json",
                r#"{"dependencies": {"a": "file:../a"}}"#,
            ),
            ("a/package.json", r#"{"dependencies": {"a": "file:../ws"}}"#),
        ],
        &[("package.json", r#"{"workspaces": ["capsule", "ws"]}"#)],
        &[("package.json", r#"{"workspaces": {"packages": ["ws/*"]}}"#)],
        &[("pnpm-workspace.yaml", "packages:\n  - 'ws/*'\n")],
        &[("node_modules/a@", "../ws")],
        &[("node_modules@", "ws")],
        &[("capsule/node_modules/@x/a@", "../../../ws")],
        &[(
            "capsule/node_modules/.pnpm/a@1/node_modules/a@",
            "../../../../../ws",
        )],
        &[("settings", "script-shell=ROOT/ws/sh")],
        &[(".npmrc", "script-shell=ROOT/ws/sh")],
        &[("capsule/.npmrc", "prefix = ../ws")],
        &[(
            "capsule/tsconfig.json",
            "{ // it\n\"extends\": \"../ws/base\" }",
        )],
        &[(
            "capsule/tsconfig.json",
            r#"{"references": [{"path": "../ws"}]}"#,
        )],
        &[
            ("capsule/tsconfig.json", r#"{"extends": "../base.json"}"#),
            ("base.json", r#"{"extends": "./ws/more.json"}"#),
        ],
        &[("capsule/src/a.js", "import x from '../../ws/x.js'")],
    ]);
}

#[test]
fn what_python_reads_is_found() {
    closes(&[
        &[("capsule/requirements.txt", "-e ../ws")],
        &[("capsule/requirements.txt", "-r ../ws/more.txt")],
        &[("capsule/requirements.txt", "-c../ws/more.txt")],
        &[("capsule/requirements.txt", "--editable=file:../ws#egg=x")],
        &[
            ("capsule/requirements.txt", "-r ../more.txt"),
            ("more.txt", "-e ./ws"),
        ],
        &[(
            "capsule/pyproject.toml",
            "[project]\ndependencies = [\"x @ file:../ws\"]",
        )],
        &[(
            "capsule/pyproject.toml",
            "[tool.poetry.dependencies]\nx = { path = \"../ws\" }",
        )],
        &[(
            "capsule/pyproject.toml",
            "[tool.uv.sources]\nx = { path = \"../ws\", editable = true }",
        )],
        &[(
            "capsule/pyproject.toml",
            "[build-system]\nbackend-path = [\"../ws\"]",
        )],
        &[("capsule/.venv/lib/python3/site-packages/x.pth", "ROOT/ws\n")],
        &[(
            "capsule/.venv/lib/python3/site-packages/__editable___x.py",
            "M = {'x': 'ROOT/ws/x'}",
        )],
        &[("capsule/setup.py", "exec(open('../ws/x.py').read())")],
    ]);
}

#[test]
fn what_go_reads_is_found() {
    closes(&[
        &[("capsule/go.mod", "replace a/b => ../ws")],
        &[("capsule/go.mod", "replace (\n\ta/b v1.0.0 => ../ws\n)")],
        &[
            ("capsule/go.mod", "replace a => ../a"),
            ("a/go.mod", ""),
            ("a/a.go", "//go:generate sh ../ws/x"),
        ],
        &[("go.work", "go 1.25\nuse (\n\t./capsule\n\t./ws\n)")],
        &[("capsule/main.go", "//go:generate ROOT/ws/gen")],
    ]);
}

#[test]
fn where_links_lead_is_found() {
    closes(&[
        &[("capsule/sdk@", "../ws")],
        &[("capsule/a/b/c@", "../../../ws/sub")],
        &[("capsule/a/b@", "../../middle"), ("middle@", "ws")],
        &[
            ("capsule/a@", "../ws/link"),
            ("ws/link@", "../lib"),
            ("lib/x", ""),
        ],
        &[("capsule/a@", "../ws/not-there")],
        &[("capsule/a@", "../lib"), ("lib/b@", "../ws")],
        &[("capsule/cases/x.toml@", "../../ws/x.toml")],
    ]);
}

#[test]
fn a_library_around_the_project_is_taken_as_a_whole() {
    for files in [
        &[(
            "capsule/Cargo.toml",
            "[dependencies]\na = { path = \"..\" }",
        )][..],
        &[(
            "capsule/package.json",
            r#"{"dependencies": {"a": "file:.."}}"#,
        )],
        &[("capsule/go.mod", "replace a => ../")],
        &[("capsule/requirements.txt", "-e ..")],
        &[("Cargo.toml", "[workspace]\nmembers = [\"*\"]")],
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a path");
        plant(&root, files);
        let places = searched(&root, LIMITS).expect("few files");
        assert!(refused(&places, &root.join("ws")), "{files:?}: {places:?}");
    }
}

#[test]
fn what_is_only_mentioned_or_wide_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("a path");
    plant(
        &root,
        &[
            (
                "capsule/Makefile",
                "all:\n\tcc -o /tmp/x -I/usr/include -I.. # / /home\n",
            ),
            ("capsule/Capsule.toml", "path = \"ROOT/ws\""),
            ("capsule/README.md", "see ../ws"),
            (
                "capsule/src/lib.rs",
                "fn x() { open(\"ROOT/ws\"); let [a, ..] = b; }",
            ),
            ("ws/file", ""),
        ],
    );
    let places = searched(&root, LIMITS).expect("few files");
    assert!(!refused(&places, &root.join("ws")), "{places:?}");
}

#[test]
fn what_is_too_much_to_look_through_is_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("a path");
    plant(&root, &[("capsule/Makefile", "include ../ws/x.mk")]);
    for name in 0..200 {
        fs::write(root.join(format!("capsule/{name}")), "").expect("written");
    }
    let (looks, bytes) = (200, 1 << 20);
    assert_eq!(searched(&root, Limits { looks, ..LIMITS }), Err(TooMuch));
    assert_eq!(searched(&root, Limits { bytes: 8, ..LIMITS }), Err(TooMuch));
    assert!(searched(&root, Limits { bytes, ..LIMITS }).is_ok());
    let time = Duration::ZERO;
    assert_eq!(searched(&root, Limits { time, ..LIMITS }), Err(TooMuch));
    let limits = Limits { looks, ..LIMITS };
    let everything = taken_by(&[root.join("capsule")], &[], None, limits);
    assert!(everything.iter().any(|place| is_everything(place)));
    let places = without_nested(everything.into_iter().collect());
    assert_eq!(places, [PathBuf::from("/")]);
    assert!(refused(&places, &root.join("beside")));
}

#[test]
fn what_a_project_is_made_of_is_protected() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("a path");
    plant(
        &root,
        &[
            ("capsule/Capsule.toml@", "../ws/Capsule.toml"),
            ("ws/Capsule.toml@", "../manifests/Capsule.toml"),
            (
                "manifests/Capsule.toml",
                "[capsule]\nid = \"a\"\nversion = \"1.0.0\"\ncomponent = \"../linked/x.wasm\"\n",
            ),
            ("linked@", "components"),
            ("components/x.wasm", ""),
        ],
    );
    let project = Project::open(&root.join("capsule")).expect("a capsule");
    // It asks for nothing, so its sources are not searched.
    let places = of([&project].into_iter()).expect("places");
    for place in ["capsule", "ws", "manifests", "components"] {
        assert!(refused(&places, &root.join(place)), "{place}: {places:?}");
    }
    assert!(!refused(&places, &root.join("beside")));
    assert!(places.contains(&root.join("linked")), "{places:?}");
}
