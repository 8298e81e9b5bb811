//! Aliases and commands as people have them.

pub(super) const PRECISE: &[(&str, &str)] = &[
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
