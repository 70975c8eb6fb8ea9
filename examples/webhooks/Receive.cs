// .NET 8 (ASP.NET Core): dotnet new web -o receive, this file as receive/Program.cs, there dotnet add package StandardWebhooks.StandardWebhooks,
// then WEBHOOK_SECRET=whsec_… PORT=8000 dotnet run
using System.Net;
using System.Text.Json;
using StandardWebhooks;

var webhook = new Webhook(Environment.GetEnvironmentVariable("WEBHOOK_SECRET")!);
var app = WebApplication.CreateBuilder(args).Build();

app.MapPost("/{**path}", async (HttpRequest request) =>
{
    var body = await new StreamReader(request.Body).ReadToEndAsync(); // the raw body, before it is parsed
    var headers = new WebHeaderCollection();
    foreach (var name in new[] { "webhook-id", "webhook-timestamp", "webhook-signature" })
        headers.Add(name, request.Headers[name].ToString());
    try
    {
        webhook.Verify(body, headers);
    }
    catch // WebhookVerificationException, or headers that cannot be read at all
    {
        return Results.BadRequest();
    }
    using var message = JsonDocument.Parse(body);
    Console.WriteLine(message.RootElement.GetProperty("type")); // yours: store it under event_id, answer, then work
    return Results.NoContent();
});

app.Run($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT") ?? "8000"}");
