//! What options take.

use super::*;

#[test]
fn values_are_found_where_the_program_looks() {
    for (program, word, value, takes) in [
        ("ssh", "-Fc", "c", Takes::Path),
        ("ssh", "-nFc", "c", Takes::Path),
        ("ssh", "-oFx=a/b", "Fx=a/b", Takes::Anything),
        ("sed", "-nfc.sed", "c.sed", Takes::Path),
        ("make", "-Ct", "t", Takes::Path),
        ("perl", "-wIlib", "lib", Takes::Path),
        ("x", "-Xa/b", "a/b", Takes::Anything),
        ("x", "--file=c", "c", Takes::Path),
        ("x", "--other=a/b", "a/b", Takes::Anything),
    ] {
        let value = value.as_bytes();
        let found = of(program.as_bytes(), word.as_bytes());
        assert_eq!(found, (takes, Some(value)), "{program} {word}");
    }
    assert_eq!(of(b"sed", b"-nf"), (Takes::Path, None));
    assert_eq!(of(b"x", b"--file"), (Takes::Path, None));
    for word in [&b"-f"[..], b"--"] {
        assert_eq!(of(b"x", word), (Takes::Anything, None));
    }
}

#[test]
fn folders_are_found() {
    for (word, value) in [
        ("-C", None),
        ("-D", None),
        ("-Cx", Some("x")),
        ("--chdir=x", Some("x")),
        ("--chdir", None),
        ("--working-directory=x", Some("x")),
        ("--cwd", None),
    ] {
        let value = value.map(str::as_bytes);
        assert_eq!(of(b"x", word.as_bytes()), (Takes::Folder, value), "{word}");
    }
    for word in ["--", "-c", "-DX", "--file=x"] {
        assert_ne!(of(b"x", word.as_bytes()).0, Takes::Folder, "{word}");
    }
}
