//! Files that are executed where a `cd` or a variable leads, and the paths that they
//! name.

use super::*;

#[test]
fn what_is_executed_elsewhere_is_followed() {
    closes(&[
        &[
            ("capsule/Makefile", "all:\n\tcd scripts && ./gen"),
            ("capsule/scripts/gen", ". ../../ws/env"),
        ],
        &[
            ("capsule/Makefile", "all:\n\t$(MAKE) -C sub -f rules"),
            ("capsule/sub/rules", "include ../../ws/x.inc"),
        ],
        &[
            ("capsule/Makefile", "all:\n\tcd sub && perl gen.pl"),
            ("capsule/sub/gen.pl", "do \"ROOT/ws/x\";"),
        ],
        &[
            ("capsule/Makefile", "all:\n\tcd sub && perl gen.pl"),
            ("capsule/sub/gen.pl", "my $x = 'ROOT/ws/x';"),
        ],
        &[
            ("capsule/Makefile", "all:\n\tcd a && cd b && ./gen"),
            ("capsule/a/b/gen", ". ROOT/ws/env"),
        ],
        &[
            ("capsule/Makefile", "D = sub\nall:\n\tcd $(D) && ./gen"),
            ("capsule/sub/gen", ". ../../ws/env"),
        ],
        &[
            (
                "capsule/Makefile",
                "all:\n\tfor d in */; do (cd $$d; sh gen); done",
            ),
            ("capsule/sub/gen", ". ../../ws/env"),
        ],
        &[
            ("capsule/Makefile", "all:\n\tcd sub && ../tools/gen"),
            ("capsule/sub/x/file", ""),
            ("capsule/tools/gen", ". ./x/../../../ws/env"),
        ],
        &[
            ("capsule/Makefile", "all:\n\tpython3 $(X)/gen.py"),
            ("capsule/sub/gen.py", "go('ROOT/ws/x')"),
        ],
        &[
            ("capsule/build.sh", "pushd sub\n./gen\n"),
            ("capsule/sub/gen", "source ../../ws/env"),
        ],
        &[
            ("capsule/build.sh", "cd sub\n./first\n"),
            ("capsule/sub/first", "./second"),
            ("capsule/sub/second", "exec ROOT/ws/tool"),
        ],
        &[
            (
                "capsule/package.json",
                r#"{"scripts": {"build": "cd sub && ./gen"}}"#,
            ),
            ("capsule/sub/gen", ". ../../ws/env"),
        ],
        &[
            (
                "capsule/package.json",
                r#"{"scripts": {"build": "cd sub && node gen.js"}}"#,
            ),
            ("capsule/sub/gen.js", "go('ROOT/ws/tool')"),
        ],
        &[
            (
                "capsule/pyproject.toml",
                "[tool.poe.tasks]\nx = ['make', '-C', 'sub', '-f', 'rules']",
            ),
            ("capsule/sub/rules", "include ../../ws/x.inc"),
        ],
        &[
            ("capsule/Makefile", "all:\n\ttask build"),
            (
                "capsule/Taskfile.yml",
                "tasks:\n  build:\n    cmds:\n      - ROOT/ws/tool\n",
            ),
        ],
        &[("capsule/justfile", "build:\n    ../ws/tool\n")],
        &[("capsule/Rakefile", "sh '../ws/tool'")],
        &[("capsule/dodo/BUILD.bazel", "x = 'ROOT/ws/tool'")],
    ]);
}

#[test]
fn scripts_count_where_they_may_be_executed() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("a path");
    plant(
        &root,
        &[("capsule/tools/gen", "#!/bin/sh\n. ROOT/ws/env\n")],
    );
    let found = || searched(&root, LIMITS).expect("few files");
    assert!(!refused(&found(), &root.join("ws")));
    let script = root.join("capsule/tools/gen");
    fs::set_permissions(script, fs::Permissions::from_mode(0o755)).expect("chmod");
    assert!(refused(&found(), &root.join("ws")));
}

#[test]
fn what_source_executes_or_searches_is_found() {
    closes(&[
        &[(
            "capsule/app.py",
            "import sys\nsys.path.insert(0, \"ROOT/ws\")",
        )],
        &[(
            "capsule/app.py",
            "W = \"ROOT/ws\"\n\n\n\n\n\n\n\nsys.path.append(W)",
        )],
        &[(
            "capsule/src/lib.rs",
            "include!(\n    \"ROOT/ws/gen.rs\"\n);",
        )],
        &[(
            "capsule/src/lib.rs",
            "fn x() {\n    Command::new(\n        \"ROOT/ws/x\",\n    );\n}",
        )],
        &[
            ("capsule/Cargo.toml", "[package]\nbuild = \"build/main.rs\""),
            ("capsule/build/main.rs", "mod a;\nfn main() {}"),
            ("capsule/build/a.rs", "const T: &str = \"ROOT/ws/tool\";"),
        ],
        &[
            ("capsule/build.rs", "mod tools;"),
            ("capsule/tools/mod.rs", "mod deep;"),
            ("capsule/tools/deep.rs", "go(\"ROOT/ws/tool\")"),
        ],
        &[
            ("capsule/build.rs", "mod a { mod b; }"),
            ("capsule/a/b.rs", "go(\"ROOT/ws/tool\")"),
        ],
        &[("capsule/build.rs", "go(\"\\x2e\\x2e/ws/tool\")")],
        &[
            ("capsule/setup.py", "from tools.gen import x"),
            ("capsule/tools/gen.py", "go('ROOT/ws/tool')"),
        ],
        &[
            ("capsule/vite.config.js", "import x from './plug/in'"),
            ("capsule/plug/in.ts", "go('ROOT/ws/tool')"),
        ],
        &[
            ("capsule/gen.py", "subprocess.run(['sh', 'sub/gen'])"),
            ("capsule/sub/gen", ". ROOT/ws/env"),
        ],
        &[("capsule/x.rb", "require '../ws/x'")],
        &[("capsule/x.lua", "dofile('ROOT/ws/x.lua')")],
    ]);
}

#[test]
fn a_large_workspace_is_looked_through() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("a path");
    let mut members = Vec::new();
    for member in 0..500 {
        let name = format!("capsule/crates/m{member}");
        fs::create_dir_all(root.join(&name).join("src")).expect("folders");
        let near = (member + 1) % 500;
        let text = format!(
            "[package]\nname = \"m{member}\"\nreadme = \"README.md\"\n[lib]\npath = \"src/lib.rs\"\n\
             [dependencies]\na = {{ path = \"../m{near}\" }}\nb = {{ path = \"../m7\" }}\n"
        );
        for (file, text) in [
            ("Cargo.toml", &*text),
            (
                "build.rs",
                "fn main() { println!(\"cargo:rerun-if-changed=src/lib.rs\"); }",
            ),
            ("README.md", "see ../../../ws"),
            (
                "src/lib.rs",
                "mod a;\nuse std::process::Command;\n// and a word or two\n",
            ),
            (
                "src/a.rs",
                "fn x() { Command::new(\"git\").arg(\"src/lib.rs\"); }",
            ),
            ("Makefile", "all:\n\tcd src && cargo build\n"),
        ] {
            fs::write(root.join(&name).join(file), text).expect("written");
        }
        members.push(format!("\"crates/m{member}\""));
    }
    let text = format!("[workspace]\nmembers = [{}]\n", members.join(", "));
    fs::write(root.join("capsule/Cargo.toml"), text).expect("written");
    fs::create_dir(root.join("ws")).expect("a folder");
    let subs = (0..500).map(|member| format!("crates/m{member}"));
    let subs = subs.collect::<Vec<_>>().join(" ");
    let text = format!("SUBS = {subs}\nall:\n\tfor d in $(SUBS); do $(MAKE) -C $$d; done\n");
    fs::write(root.join("capsule/Makefile"), text).expect("written");
    let places = searched(&root, LIMITS).expect("not too much");
    // It stays well below the limit.
    let looks = LIMITS.looks / 2;
    searched(&root, Limits { looks, ..LIMITS }).expect("not too much");
    assert!(!refused(&places, &root.join("beside")));
}

#[test]
fn what_is_executed_is_followed_however_it_is_written() {
    closes(&[
        &[
            ("capsule/Makefile", "all:\n\t(cd scripts; exec ./gen)"),
            ("capsule/scripts/gen", "#!/bin/sh\n. ROOT/ws/env"),
        ],
        &[
            (
                "capsule/Makefile",
                "all:\n\tcd \"scripts\" \\\n\t  && ./gen",
            ),
            ("capsule/scripts/gen", ". ../../ws/env"),
        ],
        &[
            ("capsule/Makefile", "all:\n\tenv -C sub ./gen"),
            ("capsule/sub/gen", ". ../../ws/env"),
        ],
        &[
            ("capsule/Makefile", "all:\n\tmake -Csub -frules"),
            ("capsule/sub/rules", "include ../../ws/x.inc"),
        ],
        &[
            (
                "capsule/Makefile",
                "all:\n\tmake --directory=sub --file=rules",
            ),
            ("capsule/sub/rules", "include ../../ws/x.inc"),
        ],
        &[
            ("capsule/Makefile", "include sub/rules"),
            ("capsule/sub/rules", "include ../ws/x.inc"),
        ],
        &[
            ("capsule/Makefile", "all:\n\truby -C sub gen"),
            ("capsule/sub/gen", "load '../../ws/x'"),
        ],
        &[
            ("capsule/Makefile", "all:\n\tawk -f gen.awk"),
            ("capsule/gen.awk", "{ system(\"ROOT/ws/x\") }"),
        ],
        &[
            (
                "capsule/build.rs",
                "fn main() { Command::new(\"./gen\").current_dir(\"sub\"); }",
            ),
            ("capsule/sub/gen", ". ../../ws/env"),
        ],
        &[
            (
                "capsule/package.json",
                r#"{"scripts": {"build": "npm --prefix sub run x"}}"#,
            ),
            (
                "capsule/sub/package.json",
                r#"{"scripts": {"x": "../../ws/x"}}"#,
            ),
        ],
        &[
            ("capsule/package.json", r#"{"scripts": {"build": "gulp"}}"#),
            ("capsule/gulpfile.js", "go('ROOT/ws/x')"),
        ],
        &[
            ("capsule/Makefile", "all:\n\tpython3 -m tools.gen"),
            ("capsule/tools/gen.py", "x = 'ROOT/ws/x'"),
        ],
        &[
            ("capsule/Makefile", "all:\n\tcd sub && python3 -m gen"),
            ("capsule/sub/gen.py", "x = 'ROOT/ws/x'"),
        ],
        &[
            ("capsule/Makefile", "all:\n\tcd sub && node gen"),
            ("capsule/sub/gen.js", "x = 'ROOT/ws/x'"),
        ],
        &[(
            "capsule/app.py",
            "import sys\nsys.path += [\n    \"ROOT/ws\",\n]",
        )],
        &[(
            "capsule/src/lib.rs",
            "const D: &str =\n    include_str!(\n\n        \"ROOT/ws/x\");",
        )],
        &[(
            "capsule/src/lib.rs",
            "#[path =\n    \"ROOT/ws/x.rs\"]\nmod x;",
        )],
        &[("capsule/src/lib.rs", "include! {\n  \"ROOT/ws/x.rs\"\n}")],
        &[
            ("capsule/Cargo.toml", "[package]\nbuild = \"build/main.rs\""),
            ("capsule/build/main.rs", "mod a;"),
            (
                "capsule/build/a.rs",
                "fn x() { std::process::Command::new(\"ROOT/ws/tool\"); }",
            ),
        ],
        &[
            ("capsule/Makefile", "all:\n\tgo run ./gen"),
            (
                "capsule/gen/main.go",
                "package main\nimport \"os/exec\"\nfunc main() { exec.Command(\n\"ROOT/ws/x\") }",
            ),
        ],
        &[(
            "capsule/gen.js",
            "const { spawn } = require('node:child_process');\nspawn(\n 'ROOT/ws/x')",
        )],
        &[("capsule/gen.js", "import('ROOT/ws/x.js')")],
        &[("capsule/x.c", "#include \\\n  \"ROOT/ws/x.h\"")],
        &[("capsule/x.c", "__asm__(\".incbin \\\"ROOT/ws/x\\\"\");")],
        &[("capsule/x.S", ".incbin \"ROOT/ws/x\"")],
        &[("capsule/x.c", "#embed \"ROOT/ws/x\"")],
        &[
            ("capsule/main.go", "//go:embed x\n//go:generate sh sub/gen"),
            ("capsule/sub/gen", ". ROOT/ws/env"),
        ],
        &[
            ("capsule/compose.yaml", "x: ROOT/ws/x"),
            ("capsule/Makefile", "all:\n\tdocker compose up"),
        ],
        &[
            ("capsule/dodo.py", "x = 'ROOT/ws/x'"),
            ("capsule/Makefile", "all:\n\tdoit"),
        ],
        &[
            ("capsule/Makefile", "all:\n\tninja -C out"),
            ("capsule/out/build.ninja", "include ROOT/ws/x"),
        ],
        &[
            ("capsule/Makefile", "all:\n\txargs -a list sh"),
            ("capsule/list", "../ws/x"),
        ],
        &[("capsule/sub/justfile", "mod x '../../ws/x.just'")],
        &[("capsule/x.just", "a:\n  ../ws/x")],
        &[
            ("capsule/Taskfile.yml", "includes:\n  a: ./tasks/a.yml"),
            ("capsule/tasks/a.yml", "cmds: [../../ws/x]"),
        ],
    ]);
}
