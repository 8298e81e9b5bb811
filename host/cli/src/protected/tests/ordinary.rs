//! Ordinary projects: folders beside them can be written, and what they name cannot.

use super::*;

/// Projects, each with the folders beside it that stay writable.
const PROJECTS: [(Files, &[&str]); 9] = [
    (
        &[
            (
                "capsule/Cargo.toml",
                "[workspace]\nmembers = [\"crates/*\", \"fuzz\"]\n[workspace.dependencies]\n\
                 a = { path = \"crates/a\" }\n",
            ),
            (
                "capsule/crates/a/Cargo.toml",
                "[package]\nname = \"a\"\nreadme = \"../../README.md\"\n[dependencies]\n\
                 b = { path = \"../b\" }\nserde = \"*\"\n",
            ),
            (
                "capsule/crates/a/build.rs",
                "fn main() { println!(\"cargo:rerun-if-changed=../../wit\"); }",
            ),
            (
                "capsule/crates/a/src/lib.rs",
                "mod test;\ninclude_str!(\"../x.txt\");",
            ),
            ("capsule/crates/b/Cargo.toml", "[package]\nname = \"b\"\n"),
            (
                "capsule/fuzz/Cargo.toml",
                "[dependencies]\na = { path = \"..\" }\n",
            ),
        ],
        &["ws", "workspace", "src", "data"],
    ),
    (
        &[
            (
                "Cargo.toml",
                "[workspace]\nmembers = [\"capsule\", \"lib\"]\n[profile.release]\nlto = true\n",
            ),
            ("lib/Cargo.toml", "[package]\nname = \"lib\"\n"),
            (
                "capsule/Cargo.toml",
                "[dependencies]\nlib.path = \"../lib\"\n",
            ),
            (
                ".cargo/config.toml",
                "[build]\nrustflags = [\"-Dwarnings\"]\n",
            ),
        ],
        &["ws", "workspace", "build", "profile"],
    ),
    (
        &[
            (
                "capsule/Makefile",
                "include mk/common.mk\n-include local.mk\nall: test\n\t$(MAKE) -C sub\ntest:\n\
                 \tcd sub && sh ../mk/run.sh -I../include\n",
            ),
            (
                "capsule/mk/common.mk",
                "TOP := $(dir $(lastword $(MAKEFILE_LIST)))..\n-include $(TOP)/config.mk\n",
            ),
            (
                "capsule/mk/run.sh",
                "cd \"$(dirname \"$0\")/..\"\ncat data/list\n",
            ),
            (
                "capsule/sub/Makefile",
                "include ../mk/common.mk\nall:\n\tcc -o ../out/x x.c\n",
            ),
            ("capsule/sub/x.c", "#include \"../include/x.h\"\n"),
        ],
        &["ws", "test", "data", "sub"],
    ),
    (
        &[
            (
                "capsule/package.json",
                "{\"workspaces\": [\"packages/*\"],\n\"scripts\": {\"build\": \"npm run build -ws\"},\n\
                 \"lint-staged\": {\"*.js\": \"eslint\"}}",
            ),
            (
                "capsule/packages/a/package.json",
                "{\"name\": \"a\", \"main\": \"./src/index.js\",\n\
                 \"dependencies\": {\"b\": \"*\", \"c\": \"file:../c\"},\n\
                 \"scripts\": {\"build\": \"tsc -p . && node ../../tools/copy.js\"}}",
            ),
            (
                "capsule/packages/a/tsconfig.json",
                "{\"extends\": \"../../tsconfig.base.json\", \"include\": [\"src\"]}",
            ),
            (
                "capsule/packages/a/src/index.js",
                "import x from '../lib/x.js'",
            ),
            ("capsule/packages/c/package.json", "{}"),
            (
                "capsule/tools/copy.js",
                "require('fs').cpSync('src', 'dist')",
            ),
        ],
        &["ws", "src", "data", "work"],
    ),
    (
        &[
            (
                "package.json",
                "{\"workspaces\": [\"capsule\", \"shared\"],\n\"peerDependencies\": {\"x\": \"*\"},\n\
                 \"lint-staged\": {\"*.js\": \"eslint\"}, \"exports\": {\".\": \"./index.js\"}}",
            ),
            (
                "capsule/package.json",
                "{\"dependencies\": {\"shared\": \"*\"}}",
            ),
            ("shared/package.json", "{}"),
            (
                "tsconfig.json",
                "{\"compilerOptions\": {\"baseUrl\": \".\"}}",
            ),
            ("Makefile", "all:\n\tmake -C ws\n"),
        ],
        &["ws", "data", "work"],
    ),
    (
        &[
            (
                "capsule/go.mod",
                "module example.com/capsule\n\ngo 1.25\n\nreplace bindings => ./gen\n\
                 replace example.com/lib => ../lib\n",
            ),
            (
                "capsule/main.go",
                "package main\n\n//go:generate boll bindings wit --lang go --world capsule -o gen\n",
            ),
            ("capsule/gen/go.mod", "module bindings\n"),
            ("lib/go.mod", "module example.com/lib\n"),
        ],
        &["ws", "data", "wit"],
    ),
    (
        &[
            (
                "capsule/pyproject.toml",
                "[project]\nname = \"capsule\"\ndependencies = [\"attrs>=25\"]\n\
                 [dependency-groups]\nbuild = [\"componentize-py==0.25.1\"]\n\
                 [tool.boll]\npath = [\"src\", \"sdk\"]\n[tool.ruff]\nexclude = [\"tests\"]\n",
            ),
            (
                "capsule/src/app.py",
                "import json\nfrom .. import x\nDATA = \"/srv/data\"\n",
            ),
            (
                "capsule/requirements.txt",
                "-r requirements/dev.txt\n-e .\n",
            ),
            ("capsule/requirements/dev.txt", "-r ../more.txt\npytest\n"),
            ("capsule/more.txt", "x==1\n"),
        ],
        &["ws", "src", "data", "tests"],
    ),
    (
        &[(
            "capsule/boll.toml",
            "[[grant]]\ncapsule = \"x\"\nallow = [\"files-write:/data ROOT/ws\"]\n",
        )],
        &["ws", "data"],
    ),
    (
        &[
            (
                "capsule/fixtures/paths.json",
                "[\"ROOT/ws/x\", \"../../ws\"]",
            ),
            ("capsule/openapi.yaml", "paths:\n  ROOT/ws: x\n"),
            (
                "capsule/src/lib.rs",
                "fn system() { read(\"/workspace/x\") }",
            ),
        ],
        &["ws", "data"],
    ),
];

#[test]
fn folders_beside_ordinary_projects_can_be_written() {
    for (files, beside) in PROJECTS {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("projects");
        fs::create_dir(&root).expect("a folder");
        let root = root.canonicalize().expect("a path");
        plant(&root, files);
        for name in beside {
            fs::create_dir_all(root.join(name)).expect("folders");
        }
        let places = searched(&root, LIMITS).expect("few files");
        for name in beside {
            assert!(
                !refused(&places, &root.join(name)),
                "{name}: {files:?}: {places:#?}"
            );
        }
        assert!(refused(&places, &root.join("capsule")));
        for name in ["lib", "shared"] {
            let place = root.join(name);
            assert!(
                refused(&places, &place) || !place.exists(),
                "{name}: {places:#?}"
            );
        }
    }
}

#[test]
fn what_runs_elsewhere_names_what_lies_around_there() {
    closes(&[
        // In a library that lies deeper than the project.
        &[
            (
                "capsule/Makefile",
                "all:\n\tcd ../other/lib/deep && ../../../capsule/gen",
            ),
            ("capsule/gen", ". ../../../ws/env"),
            ("other/lib/deep/x", ""),
        ],
        // By a link that leads up.
        &[
            ("capsule/up@", ".."),
            ("capsule/Makefile", "all:\n\tcd up && sh ws/x.sh"),
        ],
        // In the folder above.
        &[
            ("capsule/Makefile", "all:\n\tcd .. && capsule/gen"),
            ("capsule/gen", "sh ws/x.sh"),
        ],
        // From the folder of the link by which a header is included.
        &[
            ("capsule/x.c", "#include \"../inc/deep/x.h\""),
            ("inc/deep/x.h@", "../../else/a/b/x.h"),
            ("else/a/b/x.h", "#include \"../../ws/y.h\""),
        ],
        // Modules in folders that are not searched.
        &[
            (
                "capsule/package.json",
                r#"{"scripts": {"build": "node dist/gen"}}"#,
            ),
            ("capsule/dist/gen.js", "go('ROOT/ws/x')"),
        ],
        &[
            ("capsule/Makefile", "all:\n\tpython3 -m dist.gen"),
            ("capsule/dist/gen.py", "x = 'ROOT/ws/x'"),
        ],
        // A pattern, paths with spaces, a module.
        &[
            ("capsule/package.json", r#"{"a": "file:../w s"}"#),
            ("w s@", "ws"),
        ],
        &[(
            "Cargo.toml",
            "[workspace]\nmembers = [\n  \"capsule\",\n  \"ws/sub*\",\n]",
        )],
        &[("capsule/package.json", "{\"a\": \"file:../ws/my lib\"}")],
        &[
            ("capsule/noxfile.py", "from tools import gen"),
            ("capsule/tools/gen/__init__.py", "go('ROOT/ws/tool')"),
        ],
    ]);
}
