// Go 1.21 or newer: go mod init receive && go get github.com/standard-webhooks/standard-webhooks/libraries/go,
// then WEBHOOK_SECRET=whsec_… PORT=8000 go run receive.go
package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

type event struct {
	EventID string `json:"event_id"`
	Type    string `json:"type"`
	StoreID string `json:"store_id"`
	Seq     int64  `json:"seq"`
}

func main() {
	webhook, err := standardwebhooks.NewWebhook(os.Getenv("WEBHOOK_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20)) // the raw body, before it is parsed
		if err != nil || webhook.Verify(body, r.Header) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		var e event
		if json.Unmarshal(body, &e) == nil {
			log.Println(e.Type, e.StoreID, e.Seq) // yours: store it under EventID, answer, then work
		}
		w.WriteHeader(http.StatusNoContent)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
