// A small till for .NET 10, without a package. Run: dotnet run Till.cs DPS-01 A-12 (older: as Program.cs of `dotnet new console`)
using System.Net.Http;
using System.Text;
using System.Text.Json.Nodes;

var gateway = Environment.GetEnvironmentVariable("GATEWAY_URL") ?? "http://127.0.0.1:3000";
var key = Environment.GetEnvironmentVariable("GATEWAY_API_KEY") ?? "sk_test_till_demo";
var store = args.Length > 0 ? args[0] : "DPS-01";
var orderId = args.Length > 1 ? args[1] : $"A-{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}";
using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };

// Calls the gateway, and repeats while it is busy or cannot be reached. The Idempotency-Key makes the repetition safe.
async Task<JsonNode> Call(HttpMethod method, string path, string? body = null, string? idempotencyKey = null)
{
    for (var tries = 1; ; tries++)
    {
        var problem = $"no answer from {gateway}";
        try
        {
            using var request = new HttpRequestMessage(method, gateway + path);
            request.Headers.Add("Authorization", $"Bearer {key}");
            if (idempotencyKey != null) request.Headers.Add("Idempotency-Key", idempotencyKey);
            if (body != null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await http.SendAsync(request);
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
            if (response.IsSuccessStatusCode) return answer;
            problem = (string?)answer["detail"] ?? response.ReasonPhrase!;
            if ((int)response.StatusCode is < 500 and not 429) tries = 5;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException) { }
        if (tries >= 5) throw new InvalidOperationException($"refused: {problem}");
        await Task.Delay(tries * 1000);
    }
}

var sale = $$"""
{ "order_id": "{{orderId}}", "store_id": "{{store}}", "order": {
  "number": "{{orderId}}", "table": "7", "type": "dine_in", "total": 55000, "metadata": { "cashier": "Sari" },
  "lines": [{ "sku": "MKN-001", "name": "Nasi goreng", "quantity": 2, "unit_price": 25000, "total": 50000, "note": "tidak pedas" }],
  "charges": [{ "kind": "tax", "name": "PB1 10 %", "amount": 5000 }] } }
""";
var seq = (long)(await Call(HttpMethod.Get, $"/stores/{store}/snapshot"))["seq"]!;
var payment = await Call(HttpMethod.Post, "/transaction/payments", sale, $"{orderId}-{Guid.NewGuid()}");
Console.WriteLine($"payment {payment["payment_id"]}: Rp {payment["amount"]}\nshow this QR to the guest: {payment["qr_image_url"]}");
for (; ; await Task.Delay(1000))
{
    var page = await Call(HttpMethod.Get, $"/stores/{store}/events?after={seq}");
    seq = (long)page["next_after"]!;
    foreach (var each in page["events"]!.AsArray().Where(each => (string?)each!["payment_id"] == (string?)payment["payment_id"]))
    {
        var (type, data) = ((string)each!["type"]!, each["data"]!);
        if (type == "payment.paid") Console.WriteLine($"paid with {data["issuer"]}, receipt {data["receipt"]}");
        if (type is "payment.expired" or "payment.cancelled" or "payment.failed") throw new InvalidOperationException($"{type}: ask again");
        if (type != "order.paid") continue;
        Console.WriteLine($"KITCHEN  {each["order_number"]}  table {each["table"]}");
        foreach (var item in data["items"]!.AsArray()) Console.WriteLine($"{item!["quantity"]} x {item["name"]}  {item["note"]}");
        return;
    }
}
