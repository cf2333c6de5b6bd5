// The tasks of every client, with the package that openapi-generator makes for Go.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"

	"ledger"
)

const park = "baodi-zgc"

func check(err error) {
	if err != nil {
		var answered *ledger.GenericOpenAPIError
		if errors.As(err, &answered) {
			log.Fatal(err, string(answered.Body()))
		}
		log.Fatal(err)
	}
}

// The problem that an answer is, in its type.
func problem(err error) ledger.Problem {
	var answered *ledger.GenericOpenAPIError
	if !errors.As(err, &answered) {
		log.Fatal("no problem: ", err)
	}
	return answered.Model().(ledger.Problem)
}

func main() {
	configuration := ledger.NewConfiguration()
	configuration.Servers[0].URL = os.Args[1]
	projects := ledger.NewAPIClient(configuration).ProjectsAPI
	ctx := context.WithValue(context.Background(), ledger.ContextAccessToken, os.Args[2])

	page, _, err := projects.ProjectsList(ctx).Park(park).Limit(3).Count("exact").Execute()
	check(err)
	codes, amounts := []string{}, []*int64{}
	for _, row := range page.Results {
		codes = append(codes, row.Code)
		amounts = append(amounts, row.InvestmentCny.Get())
	}
	summary, _, err := projects.ProjectsSummary(ctx).GroupBy([]string{"park", "signed_year"}).Execute()
	check(err)
	cells := [][]any{}
	for _, row := range summary.Rows {
		cells = append(cells, []any{row.Park.Value.Get(), row.SignedYear.Value.Get(), row.Count})
	}
	_, read, err := projects.ProjectsRetrieve(ctx, codes[0]).Execute()
	check(err)
	edit := ledger.NewPatchedProjectDetailRequest()
	edit.SetNote("Seen by Go.")
	asked := projects.ProjectsPartialUpdate(ctx, codes[0]).IfMatch(read.Header.Get("ETag"))
	edited, _, err := asked.PatchedProjectDetailRequest(*edit).Execute()
	check(err)
	_, refused, err := asked.PatchedProjectDetailRequest(*edit).Execute()
	stale := problem(err)
	row := ledger.NewBulkRowRequest(park)
	row.SetCode("by-go")
	row.SetNameZh("青石材料")
	upsert := projects.ProjectsBulkPost(ctx).OnExisting("update")
	upsert = upsert.BulkRequest(*ledger.NewBulkRequest([]ledger.BulkRowRequest{*row}))
	upserts := [][]any{}
	for range 2 {
		answer, _, err := upsert.Execute()
		check(err)
		upserts = append(upserts, []any{answer.Created, answer.Same})
	}
	csv, answer, err := projects.ProjectsCsv(ctx).Park(park).Columns([]string{"code", "stage"}).Bom(false).Execute()
	check(err)
	if answer.StatusCode != http.StatusOK {
		log.Fatal(answer.Status)
	}
	_, _, err = projects.ProjectsList(ctx).Park("baodi").Execute()
	wrong := problem(err)
	told, err := json.Marshal(map[string]any{
		"count": page.Count.Get(), "codes": codes, "amounts": amounts,
		"cells": cells, "total": summary.Total.Count,
		"note":    edited.Note,
		"refused": []any{refused.StatusCode, stale.Type, stale.ChangedFields},
		"upserts": upserts, "csv": csv,
		"problem": []any{wrong.Type, wrong.Errors[0].Parameter, wrong.Errors[0].Code},
	})
	check(err)
	fmt.Println(string(told))
}
