// Java 17 or newer, without a library: WEBHOOK_SECRET=whsec_… PORT=8000 java Receive.java
// With Maven there is com.standardwebhooks:standardwebhooks, which does what verify does here.
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Receive {
    private static final long TOLERANCE_SECONDS = 300;

    public static void main(String[] args) throws Exception {
        byte[] key = Base64.getDecoder().decode(System.getenv("WEBHOOK_SECRET").replaceFirst("^whsec_", ""));
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8000"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8); // raw, before it is parsed
            var headers = exchange.getRequestHeaders();
            boolean isGenuine = verify(key, headers.getFirst("webhook-id"), headers.getFirst("webhook-timestamp"), headers.getFirst("webhook-signature"), body);
            if (isGenuine) System.out.println(body); // yours: store it under event_id, answer, then work
            exchange.sendResponseHeaders(isGenuine ? 204 : 400, -1);
            exchange.close();
        });
        server.start();
    }

    static boolean verify(byte[] key, String id, String timestamp, String signatures, String body) {
        try {
            if (Math.abs(Instant.now().getEpochSecond() - Long.parseLong(timestamp)) > TOLERANCE_SECONDS) return false;
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            byte[] expected = mac.doFinal((id + "." + timestamp + "." + body).getBytes(StandardCharsets.UTF_8));
            for (String signature : signatures.split(" ")) {
                String[] parts = signature.split(",", 2);
                if (parts[0].equals("v1") && MessageDigest.isEqual(expected, Base64.getDecoder().decode(parts[1]))) return true;
            }
            return false;
        } catch (Exception error) {
            return false; // a header is missing or malformed
        }
    }
}
