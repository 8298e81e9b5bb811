// A capsule that counts a repository's commits by author.
package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"boll"
)

//go:generate boll bindings wit --lang go --world capsule -o gen

type author struct {
	Name    string `json:"name"`
	Email   string `json:"email"`
	Commits int    `json:"commits"`
}

type summary struct {
	Repository string   `json:"repository"`
	Commits    int      `json:"commits"`
	Authors    []author `json:"authors"`
	First      *string  `json:"first"`
	Last       *string  `json:"last"`
	Truncated  bool     `json:"truncated"`
}

func init() { boll.Action("report", report) }
func main() {}

// report tells who made how many of the newest commits.
func report(boll.Event) (any, error) {
	var limit uint32
	if err := boll.ConfigValue("limit", &limit); err != nil {
		return nil, err
	}
	// One more than the limit shows whether there are more.
	git := boll.Command("git", "log", "-z",
		fmt.Sprintf("--max-count=%d", int(limit)+1), "--format=%aI%x00%aN%x00%aE")
	git.Capture = 16 << 20
	slog.Info("running git", "arguments", strings.Join(git.Args, " "))
	out, err := git.Run()
	if err != nil {
		return nil, err
	}
	slog.Info("git ended", "status", out.Exit)
	if err := out.Check("git"); err != nil && !strings.Contains(err.Error(), "does not have any commits yet") {
		return nil, err
	}
	// Each field ends with NUL, which none can contain: date, name and address, the newest first.
	fields := strings.Split(strings.ToValidUTF8(string(out.Stdout), "\ufffd"), "\x00")
	commits := slices.Collect(slices.Chunk(fields[:len(fields)-1], 3))
	told := summary{Repository: boll.ConfigOr("label", "/workspace"), Truncated: len(commits) > int(limit)}
	commits = commits[:min(int(limit), len(commits))]
	told.Commits, told.Authors = len(commits), countAuthors(commits)
	slog.Info("read the commits", "commits", told.Commits, "truncated", told.Truncated)
	if len(commits) > 0 {
		told.First, told.Last = &commits[len(commits)-1][0], &commits[0][0]
	}
	return told, nil
}

// countAuthors gives the busiest first, then by name and address.
func countAuthors(commits [][]string) []author {
	counts := map[[2]string]author{}
	for _, commit := range commits {
		who := [2]string(commit[1:])
		counts[who] = author{who[0], who[1], counts[who].Commits + 1}
	}
	authors := slices.AppendSeq([]author{}, maps.Values(counts))
	slices.SortFunc(authors, func(a, b author) int {
		return cmp.Or(b.Commits-a.Commits, cmp.Compare(a.Name, b.Name), cmp.Compare(a.Email, b.Email))
	})
	return authors
}
