# syntax=docker/dockerfile:1
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source

# Packages first: they change less often than the code.
COPY .editorconfig global.json Directory.Build.props Directory.Packages.props ./
COPY Bet.Engine/Bet.Engine.csproj Bet.Engine/
COPY Bet.Jobs/Bet.Jobs.csproj Bet.Jobs/
COPY Bet.Api/Bet.Api.csproj Bet.Api/
RUN dotnet restore Bet.Api

COPY Bet.Engine/ Bet.Engine/
COPY Bet.Jobs/ Bet.Jobs/
COPY Bet.Api/ Bet.Api/
RUN dotnet publish Bet.Api --no-restore --configuration Release --output /published \
    && mkdir /data

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /published ./
# The image's own user without rights. A named volume takes over the owner of the folder that it is mounted on.
COPY --from=build --chown=$APP_UID:$APP_UID /data /data
USER $APP_UID

# In a container the service is reached from outside it, so it demands API keys: set Bet__ApiKeys__0 (and __1, ...).
# Bet__Threads sets how many threads a search computes with; all cores where it is not set.
ENV ASPNETCORE_URLS=http://+:8080 \
    Bet__DataFolder=/data
VOLUME /data
EXPOSE 8080

# The image has no curl; bash opens the connection itself.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/live HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && IFS= read -r status <&3 && [[ $status == *' 200 '* ]]"]

ENTRYPOINT ["dotnet", "Bet.Api.dll"]
