//! Which commands are understood.

use super::super::config::Entry;
use super::super::names::{Command, Homes, Named, named};

/// What a setting names.
fn of(key: &str, value: &str) -> Command {
    let entry = Entry::of(key, value).expect("a key");
    let homes = Homes {
        own: Some(std::path::Path::new("/home/me")),
        ..Homes::NONE
    };
    let commands = named(&entry, homes)
        .into_iter()
        .filter_map(|named| match named {
            Named::Command(command) => Some(command),
            _ => None,
        });
    commands.last().expect("a command")
}

/// Aliases and commands as people have them.
const PRECISE: &[(&str, &str)] = &[
    (
        "alias.lg",
        "log --graph --pretty=format:'%h %s' --abbrev-commit",
    ),
    ("alias.st", "status -sb"),
    ("alias.co", "checkout"),
    ("alias.cm", "commit -m"),
    ("alias.unstage", "reset HEAD --"),
    ("alias.last", "log -1 HEAD --stat"),
    ("alias.rb", "rebase -i --autosquash"),
    ("alias.pf", "push --force-with-lease"),
    ("alias.pu", "push -u origin HEAD"),
    ("alias.up", "pull --rebase --prune --autostash"),
    ("alias.standup", "-c color.ui=always log --since yesterday"),
    ("alias.s", "-c color.status=always status -sb"),
    ("alias.wt", "worktree add"),
    ("alias.lo", "!git log --oneline --graph"),
    ("alias.lt", "!git --no-pager log --oneline -20"),
    ("alias.c", "!f() { git commit -m \"$@\"; }; f"),
    (
        "alias.cb",
        "!f() { git checkout -b \"$1\" \"origin/${2:-main}\"; }; f",
    ),
    (
        "alias.gone",
        "!git branch | grep -v main | xargs git branch -d",
    ),
    (
        "alias.cleanup",
        "!git branch --merged | grep -v '\\*\\|main\\|master' | xargs -n 1 git branch -d",
    ),
    (
        "alias.gonebranches",
        "!git fetch -p && for b in $(git for-each-ref --format '%(refname) %(upstream:track)' refs/heads | \
         awk '$2 == \"[gone]\" {sub(\"refs/heads/\", \"\", $1); print $1}'); do git branch -D $b; done",
    ),
    (
        "alias.publish",
        "!git push -u origin $(git branch --show-current)",
    ),
    (
        "alias.publish2",
        "!git push --set-upstream origin \"$(git rev-parse --abbrev-ref HEAD)\"",
    ),
    (
        "alias.unpublish",
        "!git push origin :$(git branch --show-current)",
    ),
    ("alias.sync", "!git pull && git push"),
    (
        "alias.wip",
        "!git add -A && git commit -m 'WIP' --no-verify",
    ),
    (
        "alias.save",
        "!git add -A && git commit -m \"chore: $(date +%F)\"",
    ),
    ("alias.root", "!pwd"),
    (
        "alias.aliases",
        "!git config --get-regexp '^alias\\.' | sed 's/^alias\\.//' | sort",
    ),
    ("alias.la", "!git config -l | grep alias | cut -c 7-"),
    ("alias.undo", "!f() { git reset HEAD~${1:-1} --mixed; }; f"),
    (
        "alias.bs",
        "!f() { git branch --sort=-committerdate | head -n \"${1:-10}\"; }; f",
    ),
    ("alias.contributors", "!git shortlog -sn --no-merges"),
    ("alias.count", "!git rev-list --count HEAD"),
    (
        "alias.authors",
        "!git log --format='%aN <%aE>' | sort -u | uniq -c | sort -rn",
    ),
    (
        "alias.churn",
        "!git log --all -M -C --name-only --format='format:' \"$@\" | sort | grep -v '^$' | uniq -c | sort -n",
    ),
    ("alias.ri", "!f() { git rebase -i HEAD~$1; }; f"),
    (
        "alias.rim",
        "!git rebase -i $(git merge-base HEAD origin/main)",
    ),
    (
        "alias.fixup",
        "!f() { git commit --fixup=$1; GIT_SEQUENCE_EDITOR=: git rebase -i --autosquash $1^; }; f",
    ),
    ("alias.amend", "!GIT_EDITOR=true git commit --amend"),
    (
        "alias.redate",
        "!GIT_COMMITTER_DATE=\"$(date)\" git commit --amend --no-edit --date \"$(date)\"",
    ),
    (
        "alias.default",
        "!git symbolic-ref refs/remotes/origin/HEAD | sed 's@^refs/remotes/origin/@@'",
    ),
    (
        "alias.com",
        "!f() { git checkout $(git symbolic-ref refs/remotes/origin/HEAD | sed 's@^refs/remotes/origin/@@') $@; }; f",
    ),
    ("alias.find", "!git ls-files | grep -i"),
    ("alias.ignore", "!f() { echo \"$1\" >> .gitignore; }; f"),
    (
        "alias.gi",
        "!f() { curl -sL https://www.toptal.com/developers/gitignore/api/$@; }; f",
    ),
    (
        "alias.rmdeleted",
        "!git ls-files -z --deleted | xargs -0 git rm",
    ),
    ("alias.assumed", "!git ls-files -v | grep '^h' | cut -c 3-"),
    (
        "alias.unassumeall",
        "!git ls-files -v | grep '^h' | cut -c 3- | xargs git update-index --no-assume-unchanged",
    ),
    (
        "alias.edit",
        "!$EDITOR \"$(git rev-parse --show-toplevel)\"",
    ),
    ("alias.browse", "!xdg-open $(git config remote.origin.url)"),
    (
        "alias.pr",
        "!f() { git fetch origin pull/$1/head:pr-$1 && git checkout pr-$1; }; f",
    ),
    ("alias.ghpr", "!gh pr create --web"),
    ("alias.release", "!sh scripts/release.sh"),
    (
        "alias.release2",
        "!bash -euo pipefail scripts/release.sh \"$@\"",
    ),
    ("alias.own", "!~/bin/git-own \"$@\""),
    (
        "alias.sq",
        "!f(){ git reset --soft HEAD~${1} && git commit --edit -m\"$(git log --format=%B --reverse HEAD..HEAD@{1})\"; };f",
    ),
    ("alias.here", "!cd ${GIT_PREFIX:-.} && git log \"$@\""),
    (
        "alias.top",
        "!cd \"$(git rev-parse --show-toplevel)\" && git add .",
    ),
    (
        "alias.dm",
        "!git branch --merged | grep -v main | xargs -I{} git push origin --delete {}",
    ),
    (
        "alias.if",
        "!if git diff --quiet; then echo clean; else git stash; fi",
    ),
    ("alias.fz", "!git branch | fzf | xargs git checkout"),
    (
        "alias.fl",
        "!git log --oneline | fzf --preview 'git show --color {1}'",
    ),
    ("alias.sc", "!sh -c 'git log --oneline \"$1..$2\"' -"),
    ("alias.each", "submodule foreach 'git pull origin main'"),
    (
        "alias.url",
        "!git config --get remote.origin.url | tr : / | sed -e 's,^git@,https://,'",
    ),
    (
        "alias.branches",
        "!git branch | while read b; do git log -1 --format=%cr $b; done",
    ),
    (
        "alias.ignored",
        "!git status --ignored --short | grep '^!!'",
    ),
    ("alias.visual", "!gitk --all &"),
    ("alias.serve", "!git log -1 2>/dev/null || echo none >&2"),
    ("alias.dot", "!git --git-dir=$HOME/.cfg/ --work-tree=$HOME"),
    ("alias.next", "!git tag v$((${1:-0} + 1))"),
    (
        "alias.read",
        "!git branch | while IFS= read -r b; do git log -1 $b; done",
    ),
    (
        "alias.clone2",
        "!f() { git clone git@github.com:me/$1.git; }; f",
    ),
    (
        "alias.cut",
        "!f() { git log -1 --format=%h | cut -c 1-${1:-7}; }; f",
    ),
    ("core.pager", "bat --pager 'less -RF'"),
    ("core.sshCommand", "ssh -i ~/.ssh/id -F /dev/null"),
    ("core.pager", "less -R"),
    ("core.pager", "delta --dark"),
    ("core.pager", "diff-so-fancy | less --tabs=4 -RFX"),
    ("pager.log", "diff-highlight | less"),
    ("interactive.diffFilter", "delta --color-only"),
    ("core.editor", "code --wait"),
    ("core.editor", "vim -c 'set ft=gitcommit'"),
    ("core.editor", "emacsclient -t -a ''"),
    (
        "core.sshCommand",
        "ssh -i ~/.ssh/work -o IdentitiesOnly=yes",
    ),
    ("filter.lfs.clean", "git-lfs clean -- %f"),
    ("filter.lfs.process", "git-lfs filter-process"),
    ("diff.exif.textconv", "exiftool"),
    ("difftool.code.cmd", "code --wait --diff $LOCAL $REMOTE"),
    (
        "difftool.x.cmd",
        "\"/opt/meld/bin/meld\" \"$LOCAL\" \"$REMOTE\"",
    ),
    ("mergetool.code.cmd", "code --wait $MERGED"),
    (
        "mergetool.kdiff3.cmd",
        "kdiff3 \"$BASE\" \"$LOCAL\" \"$REMOTE\" -o \"$MERGED\"",
    ),
    (
        "mergetool.meld.cmd",
        "meld --auto-merge \"$LOCAL\" \"$BASE\" \"$REMOTE\" --output=\"$MERGED\"",
    ),
    (
        "mergetool.nvim.cmd",
        "nvim -d \"$LOCAL\" \"$MERGED\" \"$REMOTE\" -c 'wincmd w'",
    ),
    ("merge.ours.driver", "true"),
    ("merge.npm.driver", "npm-merge-driver merge %A %O %B %P"),
    ("credential.helper", "store --file ~/.git-credentials"),
    ("credential.helper", "cache --timeout=3600"),
    ("credential.helper", "!gh auth git-credential"),
    (
        "credential.helper",
        "!f() { echo username=me; echo \"password=$TOKEN\"; }; f",
    ),
    (
        "gpg.ssh.program",
        "/Applications/1Password (x).app/op-ssh-sign",
    ),
    ("sequence.editor", "interactive-rebase-tool"),
];

/// Commands that execute what they do not name.
const OPEN: &[(&str, &str)] = &[
    ("alias.x", "!cat *.sh | sh"),
    ("alias.x", "!sh -c \"$(cat *.sh)\""),
    ("core.fsmonitor", "cat *.sh | sh; true"),
    ("alias.x", "!bash -c \"bash <(cat *.sh)\""),
    ("alias.x", "!cat *.py | python3"),
    ("alias.x", "!grep -h . *.txt | sh"),
    ("alias.x", "!git ls-files '*.sh' | xargs cat | sh"),
    ("alias.x", "!git ls-files | xargs -n1 sh"),
    ("alias.x", "!f=$(ls -t | head -1); sh \"$f\""),
    ("alias.x", "!sh \"$(ls *.sh | head -1)\""),
    ("alias.x", "!sh \"$(git ls-files | grep run.sh)\""),
    ("alias.x", "!f=$(echo to*/run.sh); sh $f"),
    ("alias.x", "!set -- *.sh; sh \"$1\""),
    ("alias.x", "!find -name x.sh -exec sh {} +"),
    ("alias.x", "!find . -name '*.sh' -exec {} \\;"),
    ("alias.x", "!find . -execdir ./run.sh \\;"),
    ("alias.x", "!ls *.sh | while read f; do sh $f; done"),
    ("alias.x", "!ls | fzf | xargs sh"),
    ("alias.x", "!ls | fzf --preview 'sh {}'"),
    ("alias.x", "!while read s; do sh $s; done < list"),
    ("alias.x", "!sh $(cat list)"),
    ("alias.x", "!xargs sh < list"),
    ("alias.x", "!xargs -a list sh"),
    ("alias.x", "!sh < run.sh"),
    ("alias.x", "!sh <<< \"$(cat run.sh)\""),
    ("alias.x", "!sh \"$(git config -f .tool.conf x.script)\""),
    ("alias.x", "!sh \"$PWD/$1\""),
    ("alias.x", "!make -f \"$(hostname).mk\""),
    ("alias.x", "!f() { make -f $1.mk; }; f"),
    ("alias.x", "!python3 -m $1"),
    ("core.sshCommand", "ssh -F \"$(hostname).conf\""),
    ("alias.x", "!git -c core.hooksPath=$(id -un)-hooks status"),
    ("alias.x", "!PATH=$PWD/$1:$PATH; mon"),
    ("alias.x", "!awk -f $1.awk x"),
    (
        "alias.x",
        "!awk 'BEGIN { while ((\"cat *.sh\" | getline l) > 0) system(l) }'",
    ),
    ("alias.x", "!cat *.txt | awk '{print | \"sh\"}'"),
    ("alias.x", "!cat x | sed 's/.*/sh &/e'"),
    ("alias.x", "!bash --rcfile $1.rc -i"),
    ("alias.x", "!for d in */; do env -C $d sh run.sh; done"),
    ("alias.x", "!ls | xargs -I{} env -C {} sh run.sh"),
    ("alias.x", "!for d in */; do make -C $d; done"),
    ("alias.x", "!for d in */; do (cd $d && ./run.sh); done"),
    ("alias.x", "!sh $(dirname tools/x)/run.sh"),
    ("alias.x", "!f=tools/x; sh $(dirname $f)/run.sh"),
    ("alias.x", "!f=tools/x; sh ${f%/*}/run.sh"),
    ("alias.x", "!sh $(readlink -f tools/x | sed s/x$/run.sh/)"),
    ("alias.x", "!printf %s tools/run.s h | tr -d ' ' | xargs sh"),
    ("alias.x", "!for d in */; do git -C $d status; done"),
    ("alias.x", "!ls | xargs -I{} git -C {} status"),
    (
        "alias.x",
        "!for d in */; do git --git-dir=$d/.git status; done",
    ),
    (
        "alias.x",
        "!for d in */; do GIT_DIR=$d/.git git status; done",
    ),
    (
        "alias.x",
        "!for d in */; do export GIT_DIR=$d/.git; git status; done",
    ),
    ("alias.x", "!bash -c \"PATH+=:tools; mon\""),
    ("alias.x", "!PERL5OPT=\"-Ilib -MFoo\" perl -e 1"),
    ("alias.x", "!cp -r tools /tmp/z && sh /tmp/z/run.sh"),
    (
        "alias.x",
        "!tar c tools | tar x -C /tmp && sh /tmp/tools/run.sh",
    ),
    ("alias.x", "!cat tools/run.sh > /tmp/z; sh /tmp/z"),
    ("alias.x", "!cat tools/hook > .git/hooks/pre-commit"),
    ("alias.x", "!eval \"$(cat env)\""),
    ("alias.x", "!. $1/env"),
    ("alias.x", "!$(cat command)"),
    ("alias.x", "!${RUN:-./run.sh}"),
    ("alias.x", "!./$1.sh"),
    ("alias.x", "!cd $1 && ./run.sh"),
    ("alias.x", "!cd ${GIT_PREFIX:-.} && ./run.sh"),
    ("alias.x", "!cd - && sh run.sh"),
    ("alias.x", "!parallel sh ::: *.sh"),
    ("alias.x", "!ls *.sh | parallel"),
    ("alias.x", "!nice sh *.sh"),
    ("alias.x", "!time $f"),
    ("alias.x", "!sudo sh $1"),
    ("alias.x", "!timeout 5 sh \"$(ls *.sh)\""),
    ("alias.x", "!env sh $1"),
    ("alias.x", "!env -S \"sh $1\""),
    ("alias.x", "!exec *.sh"),
    ("alias.x", "!BASH_ENV=$1 bash -c true"),
    ("alias.x", "!ENV=./x sh -i"),
    ("alias.x", "!git push origin $(cat options)"),
    ("alias.x", "!git rebase -x \"sh $1\" main"),
    ("alias.x", "!git rebase $(cat options) main"),
    ("alias.x", "!git bisect run sh $1"),
    ("alias.x", "!git submodule foreach 'sh $name.sh'"),
    ("alias.x", "!git \"$(cat command)\""),
    ("alias.x", "!node -e \"$(cat x.js)\""),
    ("alias.x", "!python3 -c 'exec(open(\"x\").read())'"),
    ("alias.x", "!ruby -Ilib -e 1"),
    ("alias.x", "!perl -ne 'system $_' *.txt"),
    ("alias.x", "!vim -S $1.vim"),
    ("alias.x", "!git ls-files | xargs vim"),
    ("alias.x", "!sh -c 'sh \"$1\"' _ *.sh"),
    ("alias.x", "!sh -c 'sh '*.sh"),
    ("alias.x", "!ls *.sh | sort --compress-program=./run.sh"),
    ("alias.x", "!cat x | { read a; $a; }"),
    ("alias.x", "!f() { \"$@\"; }; f sh run.sh"),
    ("alias.x", "!cat run.sh | foo"),
    ("alias.x", "!flock l sh *.sh"),
    ("alias.x", "!watch 'cat *.sh | sh'"),
    ("alias.x", "!case $1 in a) sh *.sh;; esac"),
    ("alias.x", "!alias g=./run.sh; g"),
    ("alias.x", "!trap 'sh *.sh' EXIT"),
    ("alias.x", "!read PATH < list; mon"),
    ("alias.x", "!a=(*.sh); sh ${a[0]}"),
    ("alias.x", "!x='sh'; $x *.sh"),
    ("alias.x", "!git grep -O$1 x"),
    ("alias.x", "!git rebase --exec=$1 main"),
    ("alias.x", "!git rebase -x$1 main"),
    ("alias.x", "!git clone -c core.hooksPath=$1 x"),
    ("alias.x", "!git init --template=$1"),
    ("alias.x", "!git push $(pwd)/$1/b.git main"),
    ("alias.x", "!git merge-index sh -a"),
    ("alias.x", "!git push origin $(git branch -v)"),
    (
        "alias.x",
        "!git push origin $(git tag --format='%(subject)')",
    ),
    ("alias.x", "!sh() { :; }; env sh *.sh"),
    ("alias.x", "!foo() { :; }; xargs foo < list"),
    ("alias.x", "!git show HEAD > z; sh z"),
    ("alias.x", "!bat --pager 'cat *.sh | sh' f"),
    ("alias.x", "!less '+!sh x' f"),
    ("alias.x", "!x=$(cat f); echo $((x))"),
    ("alias.x", "!x=$(cat f); (( x ))"),
    ("alias.x", "!x=$(cat f); [[ $x -eq 1 ]]"),
    ("alias.x", "!x=$(cat f); echo ${1:x}"),
    ("alias.x", "!x=$(cat f); test -v \"$x\""),
    ("alias.x", "!x=$(cat f); unset \"$x\""),
    ("alias.x", "!env 'PATH=tools' mon"),
    ("alias.x", "!sudo 'PATH=tools' mon"),
    ("alias.x", "!export 'PATH=tools'; mon"),
    ("alias.x", "!${EDITOR:-./run.sh} x"),
    ("alias.x", "!EDITOR=$1; $EDITOR x"),
    ("alias.x", "!cd ${GIT_PREFIX:-sub}; ./run.sh"),
    ("alias.x", "!busybox sh *.sh"),
    ("alias.x", "!time -p sh *.sh"),
    ("alias.x", "!exec -a x sh *.sh"),
    ("alias.x", "!exec < run.sh; sh"),
    ("alias.x", "!printf -v PATH %s tools; mon"),
    ("alias.x", "!for PATH in tools; do mon; done"),
    ("alias.x", "!hash -p ./run.sh ls; ls"),
    ("alias.x", "!HOME=$PWD git status"),
    ("alias.x", "!XDG_CONFIG_HOME=$PWD/x git status"),
    ("alias.x", "!GIT_CONFIG_GLOBAL=$1 git status"),
    ("alias.x", "!git --exec-path=$PWD/tools foo"),
    ("alias.x", "!git --config-env=core.pager=X log"),
    ("alias.x", "!npm test"),
    ("alias.x", "!make"),
    ("alias.x", "!LD_PRELOAD=./x.so git status"),
    ("alias.x", "!git -C \"$1\" status"),
    ("alias.x", "!git --work-tree=$1 status"),
    ("filter.x.clean", "sh"),
    ("diff.x.textconv", "python3"),
    ("merge.x.driver", "sh %A"),
    ("credential.helper", "!cat *.sh | sh"),
    ("core.editor", "sh"),
    ("remote.o.url", "ext::sh -c cat% *.sh|sh"),
];

/// Commands with what has to stay as it is, or all has to.
const HELD: &[(&str, &str)] = &[
    ("!git -C './a (b)' status", "a (b)"),
    ("!git -C 'a&b' status", "a&b"),
    ("!git -C 'a;b' status", "a;b"),
    ("!git -C 'a{b}' status", "a{b}"),
    ("!git -C 'a<b' status", "a<b"),
    ("!git -C 'a^b' status", "a^b"),
    ("!git --git-dir='a b/.git' status", "a b/.git"),
    ("-C 'a (b)' status", "a (b)"),
    ("!env -C './a (b)' ./run.sh", "a (b)"),
    ("!cd 'a;b' && ./run.sh", "a;b"),
    ("!sh 'run me.sh'", "run me.sh"),
    ("!sh '~/x'", "~/x"),
    ("!'a*/run.sh'", "a*/run.sh"),
    ("!sh scripts/release.sh", "scripts/release.sh"),
    ("!python3 tools/x.py", "tools/x.py"),
    ("!sh -c './x'", "x"),
    ("!timeout 5 sh x", "x"),
    ("!git rebase --exec 'sh t/x' main", "t/x"),
    ("!$(git rev-parse --show-toplevel)/tools/x", "tools/x"),
];

#[test]
fn what_people_have_is_understood() {
    let open = PRECISE.iter().filter_map(|(key, value)| {
        let because = of(key, value).open?;
        Some(format!("{key} = {value}: {because}"))
    });
    let open: Vec<String> = open.collect();
    assert!(open.is_empty(), "{}", open.join("\n"));
}

#[test]
fn what_executes_something_that_it_does_not_name_is_told() {
    let open = OPEN.iter().filter(|(key, value)| {
        let named = named(&Entry::of(key, value).expect("a key"), Homes::NONE);
        !named
            .iter()
            .any(|named| matches!(named, Named::Command(Command { open: Some(_), .. })))
    });
    let missed: Vec<String> = open
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn what_is_named_is_kept_whatever_it_is_called() {
    for (value, path) in HELD {
        let found = of("alias.x", value);
        let path = std::path::Path::new(path);
        let held = found
            .paths
            .keys()
            .any(|held| super::super::names::plain(held) == path);
        assert!(held, "{value}: {found:?}");
        assert_eq!(found.open, None, "{value}");
    }
}
