//! Names and commands that go on in the next line, as each language breaks them.

use super::*;

#[test]
fn what_is_executed_is_found_in_whichever_lines_it_is_written() {
    closes(&[
        // In a name, and between the words of a command.
        &[("capsule/build.sh", ". ../w\\\ns/env")],
        &[("capsule/build.sh", ". ROOT/\\\nw\\\ns/env")],
        &[
            ("capsule/build.sh", "cd su\\\nb && ./g\\\nen"),
            ("capsule/sub/gen", ". ROOT/ws/env"),
        ],
        &[("capsule/build.sh", "x \\\n  \\\n  && . .\\\n./ws/env")],
        &[("capsule/Makefile", "all:\n\tsh ../w\\\n\ts/x.sh")],
        &[("capsule/Makefile", "include ../w$\\\n   s/x.mk")],
        &[("capsule/Makefile", "all:\n\tmake -C.\\\n\t./ws -frules")],
        &[
            ("capsule/Makefile", "all:\n\tcd sub && ./g\\\n\ten"),
            ("capsule/sub/gen", ". ROOT/ws/env"),
        ],
        &[("capsule/Dockerfile", "RUN sh ../\\\n# the tools\n\nws/x.sh")],
        &[("capsule/Dockerfile", "# escape=`\nRUN sh ../w`\ns/x.sh")],
        &[("capsule/build.ninja", "include ../w$\n    s/x.ninja")],
        &[("capsule/CMakeLists.txt", "include(\"../w\\\ns/x.cmake\")")],
        &[("capsule/justfile", "build:\n    ../w\\\n    s/tool")],
        &[("capsule/requirements.txt", "-e ../w\\\ns")],
    ]);
}

#[test]
fn strings_of_several_lines_are_found() {
    closes(&[
        &[(
            "capsule/Cargo.toml",
            "[lib]\npath = \"\"\"..\\\n\n   /ws/lib.rs\"\"\"",
        )],
        &[(
            "capsule/Cargo.toml",
            "[dependencies]\na = { path = \"\"\"\n../w\\\n  s\"\"\" }",
        )],
        &[(
            ".cargo/config.toml",
            "[build]\nrustc-wrapper = \"\"\"w\\\n    s/wrap\"\"\"",
        )],
        &[(
            "capsule/pyproject.toml",
            "[tool.uv.sources]\nx = { path = \"\"\".\\\n  ./ws\"\"\" }",
        )],
        &[(
            "capsule/Taskfile.yml",
            "includes:\n  a: \"../w\\\n    s/a.yml\"",
        )],
        &[
            (
                "capsule/Taskfile.yml",
                "includes:\n  a: \"../my\n    folder/a.yml\"",
            ),
            ("my folder@", "ws"),
        ],
        &[(
            "capsule/Taskfile.yml",
            "tasks:\n  a:\n    cmds:\n      - >-\n        cd ..\n        && sh ../ws/x\n",
        )],
        &[(
            "capsule/src/lib.rs",
            "include!(\n    \"ROOT/\\\n     ws/x.rs\"\n);",
        )],
        &[(
            "capsule/build.rs",
            "Command::new(\"ROOT/w\\\n        s/tool\")",
        )],
        &[("capsule/x.c", "#include \"../w\\\ns/x.h\"")],
        &[("capsule/x.c", "#include \"../w\\  \ns/x.h\"")],
        &[(
            "capsule/x.c",
            "__asm__(\".incbin \\\"../w\"\n  \"s/x\\\"\");",
        )],
        &[("capsule/app.py", "exec(open('../w\\\ns/x.py').read())")],
        &[("capsule/app.py", "exec(open('../w'\n  's/x.py').read())")],
        &[(
            "capsule/app.py",
            "import subprocess\nrun('ROOT/w' \\\n    's/tool')",
        )],
        &[("capsule/src/a.js", "import '../../w\\\ns/x.js'")],
        &[("capsule/x.rb", "require '../w' \\\n  's/x'")],
        &[("capsule/x.lua", "dofile('../w\\z\n    s/x.lua')")],
        &[("capsule/x.tcl", "source ../w\\\ns/x.tcl")],
    ]);
}

#[test]
fn lists_of_several_lines_take_nothing_beside_them() {
    for files in [
        &[(
            "capsule/Makefile",
            "SRC = a.c\\\n   beside.c \\\n b.c\nall:\n\tcc \\\n\t  $(SRC) \\\n\t  -o x\n",
        )][..],
        &[(
            "capsule/setup.py",
            "TEXT = (\n    'see '\n    'beside '\n    'and more'\n)\n",
        )],
        &[(
            "capsule/build.rs",
            "println!(\"cargo:rerun-if-changed=src \\\n      and beside\");",
        )],
        &[("capsule/Dockerfile", "RUN apk add \\\n  git \\\n  make\n")],
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a path");
        plant(&root, files);
        let places = searched(&root, LIMITS).expect("few files");
        for name in ["ws", "beside"] {
            assert!(!refused(&places, &root.join(name)), "{files:?}: {places:?}");
        }
    }
}
