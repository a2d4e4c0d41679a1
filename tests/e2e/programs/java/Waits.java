/* SPDX-License-Identifier: MIT */
/* A selector's loop, and what the argument names in each of its turns. */
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

public class Waits {
    static final Object lock = new Object();
    static byte[] kept;

    static void turn(String what) throws Exception {
        switch (what) {
        case "nothing":
            break;
        case "allocate": /* more than there is room for: the machine collects */
            for (int i = 0; i < 300; i++)
                kept = new byte[1000000];
            break;
        case "sleep":
            Thread.sleep(5);
            break;
        case "wait":
            synchronized (lock) {
                lock.wait(5);
            }
            break;
        case "park":
            LockSupport.parkNanos(5000000);
            break;
        case "queue":
            new ArrayBlockingQueue<String>(1).poll(5, TimeUnit.MILLISECONDS);
            break;
        case "gc":
            System.gc();
            break;
        case "read":
            Files.readAllBytes(Path.of("/etc/hosts"));
            break;
        }
    }

    public static void main(String[] words) throws Exception {
        if (words[0].equals("client")) { /* a loop of the library's, and then our own */
            HttpRequest request = HttpRequest.newBuilder(URI.create(words[1])).build();
            try {
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            } catch (java.io.IOException refused) {
            }
        }
        Selector selector = Selector.open();
        for (int i = 0; i < 4; i++) {
            selector.select(2);
            turn(words[0]);
        }
    }
}
