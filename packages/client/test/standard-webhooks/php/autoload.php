<?php
// What Composer would generate for the library in this folder.
spl_autoload_register(function ($class) {
    $file = __DIR__ . '/' . str_replace(['StandardWebhooks\\', '\\'], ['', '/'], $class) . '.php';
    if (is_file($file)) require $file;
});
