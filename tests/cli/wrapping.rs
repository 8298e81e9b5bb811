//! Lines are broken to fit the terminal, and nowhere else.

use unicode_width::UnicodeWidthStr as _;

use crate::support::environment::{BOLL, TestEnvironment};

/// What a terminal with so many columns shows of a command.
fn shown(env: &TestEnvironment, columns: usize, args: &[&str]) -> String {
    let words = std::iter::once(BOLL).chain(args.iter().copied());
    let line = shlex::try_join(words).expect("no NUL");
    let line = format!("stty cols {columns} rows 50; {line}");
    let output = env
        .command("script")
        .env("NO_COLOR", "1")
        .args(["--quiet", "--command", &line, "/dev/null"])
        .output()
        .expect("`script` of util-linux");
    String::from_utf8_lossy(&output.stdout).replace('\r', "")
}

/// A word that no line can be broken in.
fn longest_word(line: &str) -> usize {
    line.split(' ')
        .map(|word| word.width())
        .max()
        .unwrap_or_default()
}

#[test]
fn output_fits_the_terminal() {
    let env = TestEnvironment::new();
    let guests = env.guests(
        "[[process]]\nprogram = \"bash\"\nargs = [\"-c\", \"**\"]\nnetwork = \"host\"\n\
         env = [\"BASH_ENV\", \"GIT_SSH\"]\n",
    );
    for columns in [40, 80, 200] {
        for args in [
            &["--help"][..],
            &["run", "--help"],
            &["check", &guests],
            &["explain", &guests, "process", "bash", "-c", "x"],
            &["doctor", "--lang", "rust"],
            &["check", "nowhere"],
        ] {
            let text = shown(&env, columns, args);
            for line in text.lines() {
                let pasted = line.trim_start().starts_with("fix: ");
                let broken = line.width() <= columns || longest_word(line) > columns / 2 || pasted;
                // What is to be pasted stays on its line.
                let copied = line.contains("boll run") || line.contains("allow = ");
                assert!(broken || copied, "{columns} {args:?}: {line:?}\n{text}");
            }
        }
    }
    // A narrow terminal breaks lines that a wide one does not.
    let lines = |columns| shown(&env, columns, &["check", &guests]).lines().count();
    assert!(lines(40) > lines(200));
}

#[test]
fn off_a_terminal_no_line_is_broken() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"bash\"\nnetwork = \"host\"\n");
    for args in [&["check", &*guests][..], &["run", "--help"]] {
        let mut narrow = env.boll_command(args);
        let narrow = narrow.env("COLUMNS", "40").output().expect("boll starts");
        let wide = env.boll(args).ends(0).stdout;
        assert_eq!(String::from_utf8_lossy(&narrow.stdout), wide);
        assert!(wide.lines().any(|line| line.width() > 80), "{wide}");
    }
}

#[test]
fn tables_with_wide_characters_are_aligned() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let case = |name: &str| {
        format!(
            "[[case]]\nname = \"{name}\"\naction = \"echo\"\npayload = \"x\"\n\
             expect = {{ reply = \"x\" }}\n"
        )
    };
    let cases = [case("漢字の名前"), case("plain")].concat();
    env.write(&format!("{guests}/cases/all.toml"), cases);
    let text = env.boll(&["test", &guests, "--trust"]).ends(0).stdout;
    assert!(text.contains("passed  漢字の名前 ("), "{text}");
}

#[test]
fn columns_is_the_users_word() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"bash\"\nnetwork = \"host\"\n");
    let line = format!("stty cols 200 rows 50; COLUMNS=40 {BOLL} check {guests}");
    let output = env
        .command("script")
        .args(["--quiet", "--command", &line, "/dev/null"])
        .output()
        .expect("`script` of util-linux");
    let text = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    let fits = |line: &str| line.width() <= 40 || longest_word(line) > 20;
    assert!(text.lines().all(fits), "{text}");
}
